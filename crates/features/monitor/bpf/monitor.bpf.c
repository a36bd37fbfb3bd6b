// What the monitor asks the kernel to tell and to stop. Built with `bpf/build.sh`; the object is checked in.
//
// Only raw tracepoints, tracepoints and cgroup hooks are used: kprobes, fentry and LSM hooks are absent from many kernels.
// Types of the kernel are declared with the fields that are read; their places are put right when the program is loaded
// (CO-RE), by the kernel's own type information.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
#define UINT(name, value) int (*name)[value]
#define TYPE(name, value) typeof(value) *name

enum { MAP_HASH = 1, MAP_ARRAY = 2, MAP_PERCPU_ARRAY = 6, MAP_LPM_TRIE = 11, MAP_RINGBUF = 27, MAP_LRU_HASH = 9 };
enum { ANY = 0 };

static void *(*map_lookup)(void *map, const void *key) = (void *)1;
static long (*map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*map_delete)(void *map, const void *key) = (void *)3;
static u64 (*current_pid_tgid)(void) = (void *)14;
static u64 (*socket_cookie)(void *context) = (void *)46;
static long (*read_user)(void *to, u32 size, const void *from) = (void *)112;
static long (*read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*read_user_string)(void *to, u32 size, const void *from) = (void *)114;
static long (*read_kernel_string)(void *to, u32 size, const void *from) = (void *)115;
static long (*ringbuf_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;

// The kernel's types, as far as they are read.
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
};
struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct mm_struct *mm;
	struct signal_struct *signal;
};
typedef struct {
	int counter;
} atomic_t;
struct signal_struct {
	atomic_t live; // threads that have not ended
};
struct linux_binprm {
	const char *interp; // the program itself, or the one that runs a script
};
#pragma clang attribute pop

#define READ(to, from) read_kernel(&(to), sizeof(to), __builtin_preserve_access_index(&(from)))

// Events. The reader knows the same layout (`source/ebpf/event.rs`).
enum { EXEC = 1, FORK = 2, EXIT = 3, CONNECT = 4, READ_SECRET = 5, MEMORY = 6, SOCKET = 7 };
enum { ARGUMENTS = 4096, PATH = 256 };

struct head {
	u32 kind;
	u32 pid;
	u32 parent;
	u32 length; // of what stands behind the fixed part
};
struct exec_event {
	struct head head;
	u8 program[PATH];
	u8 arguments[ARGUMENTS];
};
struct connect_event {
	struct head head;
	u8 address[16];
	u32 port;
	u16 family;
	u8 protocol;
	u8 verdict; // 0 let through, 1 stopped, 2 led to the name server of the monitor
};
struct path_event {
	struct head head;
	u8 path[PATH];
};
struct two_event {
	struct head head;
	u32 first;
	u32 second;
};

// What user space decides.
struct settings {
	u32 own;     // the monitor's process: it is neither told of nor stopped
	u32 whole;   // 1: every process counts, 0: those in `watched`
	u32 block;   // 1: what is not allowed is stopped
	u32 port4;   // the monitor's name server on 127.0.0.1, in the order of the wire; 0: none
	u32 port6;   // on ::1
	u32 pad;
};
struct {
	UINT(type, MAP_ARRAY);
	TYPE(key, u32);
	TYPE(value, struct settings);
	UINT(max_entries, 1);
} SETTINGS SEC(".maps");

struct {
	UINT(type, MAP_RINGBUF);
	UINT(max_entries, 8 * 1024 * 1024);
} EVENTS SEC(".maps");

// Events that did not fit.
struct {
	UINT(type, MAP_ARRAY);
	TYPE(key, u32);
	TYPE(value, u64);
	UINT(max_entries, 1);
} LOST SEC(".maps");

// Processes that count, unless all do.
struct {
	UINT(type, MAP_HASH);
	TYPE(key, u32);
	TYPE(value, u32);
	UINT(max_entries, 65536);
} WATCHED SEC(".maps");

// Networks that may be reached: family, port, address. Port 0 is every port.
struct allow_key {
	u32 bits;
	u16 family;
	u16 port;
	u8 address[16];
};
struct {
	UINT(type, MAP_LPM_TRIE);
	TYPE(key, struct allow_key);
	TYPE(value, u32);
	UINT(max_entries, 65536);
	UINT(map_flags, 1); // no preallocation: a trie cannot
} ALLOW SEC(".maps");

// Where a socket wanted to ask for names, by its cookie: answers must seem to come from there.
struct asked {
	u8 address[16];
	u32 port;
	u32 family;
};
struct {
	UINT(type, MAP_LRU_HASH);
	TYPE(key, u64);
	TYPE(value, struct asked);
	UINT(max_entries, 8192);
} ASKED SEC(".maps");

struct {
	UINT(type, MAP_PERCPU_ARRAY);
	TYPE(key, u32);
	TYPE(value, struct exec_event);
	UINT(max_entries, 1);
} SCRATCH SEC(".maps");

INLINE struct settings *settings_of(void) {
	u32 zero = 0;
	return map_lookup(&SETTINGS, &zero);
}

INLINE int counts(struct settings *settings, u32 pid) {
	if (pid == settings->own)
		return 0;
	return settings->whole || map_lookup(&WATCHED, &pid);
}

INLINE void tell(void *event, u64 size) {
	if (ringbuf_output(&EVENTS, event, size, 0) != 0) {
		u32 zero = 0;
		u64 *lost = map_lookup(&LOST, &zero);
		if (lost)
			__sync_fetch_and_add(lost, 1);
	}
}

INLINE u32 parent_of(struct task_struct *task) {
	struct task_struct *parent = 0;
	u32 pid = 0;
	READ(parent, task->real_parent);
	READ(pid, parent->tgid);
	return pid;
}

SEC("raw_tracepoint/sched_process_fork")
int on_fork(u64 *context) {
	struct settings *settings = settings_of();
	struct task_struct *parent = (void *)context[0], *child = (void *)context[1];
	u32 pid = 0, group = 0, above = 0;
	if (!settings)
		return 0;
	READ(pid, child->pid);
	READ(group, child->tgid);
	READ(above, parent->tgid);
	// a thread is no process
	if (pid != group)
		return 0;
	if (!settings->whole) {
		u32 one = 1;
		if (above != settings->own && !map_lookup(&WATCHED, &above))
			return 0;
		map_update(&WATCHED, &group, &one, ANY);
	}
	struct two_event event = {.head = {FORK, group, above, 8}};
	tell(&event, sizeof(event));
	return 0;
}

SEC("raw_tracepoint/sched_process_exit")
int on_exit(u64 *context) {
	struct settings *settings = settings_of();
	struct task_struct *task = (void *)context[0];
	struct signal_struct *signal = 0;
	u32 group = 0;
	int live = 0;
	if (!settings)
		return 0;
	READ(group, task->tgid);
	READ(signal, task->signal);
	read_kernel(&live, sizeof(live), __builtin_preserve_access_index(&signal->live));
	// the first thread can end before the others: they still count
	if (live > 0 || !counts(settings, group))
		return 0;
	map_delete(&WATCHED, &group);
	struct two_event event = {.head = {EXIT, group, 0, 8}};
	tell(&event, sizeof(event));
	return 0;
}

SEC("raw_tracepoint/sched_process_exec")
int on_exec(u64 *context) {
	struct settings *settings = settings_of();
	struct task_struct *task = (void *)context[0];
	struct linux_binprm *program = (void *)context[2];
	u32 zero = 0, group = current_pid_tgid() >> 32;
	if (!settings || !counts(settings, group))
		return 0;
	struct exec_event *event = map_lookup(&SCRATCH, &zero);
	if (!event)
		return 0;
	const char *name = 0;
	struct mm_struct *memory = 0;
	unsigned long begin = 0, end = 0;
	READ(name, program->interp);
	READ(memory, task->mm);
	READ(begin, memory->arg_start);
	READ(end, memory->arg_end);
	event->head.kind = EXEC;
	event->head.pid = group;
	event->head.parent = parent_of(task);
	if (read_kernel_string(event->program, PATH, name) < 0)
		event->program[0] = 0;
	u64 length = end - begin;
	if (length > ARGUMENTS - 1)
		length = ARGUMENTS - 1;
	length &= ARGUMENTS - 1;
	if (read_user(event->arguments, length, (void *)begin) != 0)
		length = 0;
	event->head.length = length;
	tell(event, sizeof(struct head) + PATH + length);
	return 0;
}

// Arguments of a system call, as its tracepoint shows them.
struct call {
	u64 common;
	s64 number;
	u64 arguments[6];
};

INLINE int begins(const u8 *text, const char *with, int length) {
	for (int at = 0; at < length; at++)
		if (text[at] != (u8)with[at])
			return 0;
	return 1;
}

// Memory and environment of other processes cannot be marked like other secrets: `/proc/*/mem`, `/proc/*/environ`.
INLINE int open_of_memory(const char *name) {
	struct settings *settings = settings_of();
	struct path_event event = {};
	u8 start[8] = {};
	u32 group = current_pid_tgid() >> 32;
	if (!settings || read_user(start, 7, name) != 0 || !begins(start, "/proc/", 6))
		return 0;
	if (start[6] < '0' || start[6] > '9' || !counts(settings, group))
		return 0;
	long length = read_user_string(event.path, PATH, name);
	if (length < 6 || length > PATH)
		return 0;
	// behind the number
	int is_memory = 0;
	for (int at = 7; at < 20; at++) {
		if (event.path[at] != '/')
			continue;
		const u8 *rest = &event.path[at + 1];
		is_memory = begins(rest, "mem", 4) || begins(rest, "environ", 8) || begins(rest, "task", 4);
		break;
	}
	if (!is_memory)
		return 0;
	event.head.kind = READ_SECRET;
	event.head.pid = group;
	event.head.length = PATH;
	tell(&event, sizeof(event));
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int on_openat(struct call *call) { return open_of_memory((void *)call->arguments[1]); }

SEC("tracepoint/syscalls/sys_enter_openat2")
int on_openat2(struct call *call) { return open_of_memory((void *)call->arguments[1]); }

// Sockets in the file system: whoever talks to a container engine can leave the watch of a command. User space knows which.
SEC("tracepoint/syscalls/sys_enter_connect")
int on_connect_call(struct call *call) {
	struct settings *settings = settings_of();
	struct path_event event = {};
	u16 family = 0;
	u32 group = current_pid_tgid() >> 32;
	const u8 *address = (void *)call->arguments[1];
	if (!settings || !counts(settings, group) || read_user(&family, 2, address) != 0 || family != 1)
		return 0;
	if (read_user_string(event.path, 108, address + 2) < 2)
		return 0;
	event.head.kind = READ_SECRET;
	event.head.pid = group;
	event.head.length = PATH;
	tell(&event, sizeof(event));
	return 0;
}

INLINE int of_other(u32 kind, u32 first, u32 second) {
	struct settings *settings = settings_of();
	u32 group = current_pid_tgid() >> 32;
	if (!settings || !counts(settings, group))
		return 0;
	struct two_event event = {.head = {kind, group, 0, 8}, .first = first, .second = second};
	tell(&event, sizeof(event));
	return 0;
}

// Attaching (16) and seizing (0x4206) a process, and reading its memory.
SEC("tracepoint/syscalls/sys_enter_ptrace")
int on_ptrace(struct call *call) {
	u64 request = call->arguments[0];
	return request == 16 || request == 0x4206 ? of_other(MEMORY, call->arguments[1], 1) : 0;
}

SEC("tracepoint/syscalls/sys_enter_process_vm_readv")
int on_vm_readv(struct call *call) { return of_other(MEMORY, call->arguments[0], 2); }

// Packet sockets (17) and raw sockets (3) send past every hook for connections.
SEC("tracepoint/syscalls/sys_enter_socket")
int on_socket(struct call *call) {
	u32 family = call->arguments[0], kind = call->arguments[1] & 15;
	int is_raw = family == 17 || ((family == 2 || family == 10) && kind == 3);
	return is_raw ? of_other(SOCKET, family, kind) : 0;
}

// What the kernel hands to hooks for addresses (`struct bpf_sock_addr`). It is a stable interface.
struct sock_addr {
	u32 user_family;
	u32 user_ip4;
	u32 user_ip6[4];
	u32 user_port;
	u32 family;
	u32 type;
	u32 protocol;
	u32 msg_src_ip4;
	u32 msg_src_ip6[4];
};

enum { FOUR = 2, SIX = 10 };

INLINE int allowed(const struct connect_event *event) {
	struct allow_key key = {.bits = 8 * (sizeof(key) - 4), .family = event->family, .port = event->port};
	__builtin_memcpy(key.address, event->address, 16);
	if (map_lookup(&ALLOW, &key))
		return 1;
	key.port = 0;
	return map_lookup(&ALLOW, &key) != 0;
}

INLINE int is_loopback(const struct connect_event *event) {
	if (event->family == FOUR)
		return event->address[0] == 127 || (event->address[0] == 0 && event->address[1] == 0 && event->address[2] == 0 && event->address[3] == 0);
	u8 any = 0;
	for (int at = 0; at < 15; at++)
		any |= event->address[at];
	return !any && event->address[15] <= 1;
}

// 1 lets through, 0 stops.
// `is_four` is a constant where this is inlined: hooks of one family may not read the addresses of the other.
INLINE int decide(struct sock_addr *context, struct connect_event *event, int is_four, int is_datagram) {
	struct settings *settings = settings_of();
	u32 group = current_pid_tgid() >> 32;
	if (!settings || !counts(settings, group))
		return 1;
	event->head.kind = CONNECT;
	event->head.pid = group;
	event->head.length = 24;
	event->protocol = context->protocol;
	u32 port = context->user_port;
	event->port = (u16)((port >> 8 & 0xff) | (port & 0xff) << 8);
	// an address of the old kind in the new spelling is one of the old kind
	int mapped = event->family == SIX;
	for (int at = 0; at < 10; at++)
		mapped = mapped && event->address[at] == 0;
	if (mapped && event->address[10] == 0xff && event->address[11] == 0xff) {
		for (int at = 0; at < 4; at++)
			event->address[at] = event->address[12 + at];
		for (int at = 4; at < 16; at++)
			event->address[at] = 0;
		event->family = FOUR;
	}
	if (!settings->block) {
		tell(event, sizeof(*event));
		return 1;
	}
	// names are looked up at the monitor's own server, whomever the program wanted to ask
	if (event->port == 53 && (is_four ? settings->port4 : settings->port6)) {
		struct asked asked = {.port = context->user_port, .family = is_four ? FOUR : SIX};
		u64 cookie = socket_cookie(context);
		if (is_four) {
			u32 was = context->user_ip4;
			__builtin_memcpy(asked.address, &was, 4);
			context->user_ip4 = 0x0100007f;
			context->user_port = settings->port4;
		} else {
			u32 was[4] = {context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3]};
			__builtin_memcpy(asked.address, was, 16);
			context->user_ip6[0] = 0;
			context->user_ip6[1] = 0;
			context->user_ip6[2] = 0;
			context->user_ip6[3] = 0x01000000;
			context->user_port = settings->port6;
		}
		if (is_datagram)
			map_update(&ASKED, &cookie, &asked, ANY);
		event->verdict = 2;
		tell(event, sizeof(*event));
		return 1;
	}
	int passes = is_loopback(event) || allowed(event);
	event->verdict = !passes;
	tell(event, sizeof(*event));
	return passes;
}

INLINE int four(struct sock_addr *context, int is_datagram) {
	struct connect_event event = {.family = FOUR};
	u32 address = context->user_ip4;
	__builtin_memcpy(event.address, &address, 4);
	return decide(context, &event, 1, is_datagram);
}

INLINE int six(struct sock_addr *context, int is_datagram) {
	struct connect_event event = {.family = SIX};
	u32 address[4] = {context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3]};
	__builtin_memcpy(event.address, address, 16);
	return decide(context, &event, 0, is_datagram);
}

SEC("cgroup/connect4")
int on_connect4(struct sock_addr *context) { return four(context, context->type == 2); }

SEC("cgroup/connect6")
int on_connect6(struct sock_addr *context) { return six(context, context->type == 2); }

SEC("cgroup/sendmsg4")
int on_sendmsg4(struct sock_addr *context) { return four(context, 1); }

SEC("cgroup/sendmsg6")
int on_sendmsg6(struct sock_addr *context) { return six(context, 1); }

SEC("cgroup/recvmsg4")
int on_recvmsg4(struct sock_addr *context) {
	struct settings *settings = settings_of();
	if (!settings || !settings->block || context->user_port != settings->port4)
		return 1;
	u64 cookie = socket_cookie(context);
	struct asked *asked = map_lookup(&ASKED, &cookie);
	if (asked && asked->family == FOUR) {
		u32 address;
		__builtin_memcpy(&address, asked->address, 4);
		context->user_ip4 = address;
		context->user_port = asked->port;
	}
	return 1;
}

SEC("cgroup/recvmsg6")
int on_recvmsg6(struct sock_addr *context) {
	struct settings *settings = settings_of();
	if (!settings || !settings->block || context->user_port != settings->port6)
		return 1;
	u64 cookie = socket_cookie(context);
	struct asked *asked = map_lookup(&ASKED, &cookie);
	if (asked && asked->family == SIX) {
		u32 address[4];
		__builtin_memcpy(address, asked->address, 16);
		context->user_ip6[0] = address[0];
		context->user_ip6[1] = address[1];
		context->user_ip6[2] = address[2];
		context->user_ip6[3] = address[3];
		context->user_port = asked->port;
	}
	return 1;
}

// `struct bpf_sock`, a stable interface.
struct sock {
	u32 bound_dev_if;
	u32 family;
	u32 type;
	u32 protocol;
};

// Raw sockets (3), and sockets for ICMP (1, 58), send what no hook for addresses sees.
SEC("cgroup/sock_create")
int on_sock_create(struct sock *socket) {
	struct settings *settings = settings_of();
	u32 group = current_pid_tgid() >> 32;
	if (!settings || !settings->block || !counts(settings, group))
		return 1;
	return socket->type != 3 && socket->protocol != 1 && socket->protocol != 58;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
