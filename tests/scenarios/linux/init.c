// The first program of the Linux guest: it uses what the kernel has, prints a line for each, and powers off.
// It has no C library. System calls are those of 32-bit RISC-V, where times have 64 bits.
//
// Words of the kernel's command line: ask (reads a line from the console), random (writes random bytes to the second
// disk), stress=N (N rounds of processes and memory).

typedef unsigned char u8;
typedef unsigned int u32;
typedef long long s64;

enum {
    SYS_ioctl = 29, SYS_mkdirat = 34, SYS_mount = 40, SYS_openat = 56, SYS_close = 57, SYS_pipe2 = 59, SYS_llseek = 62,
    SYS_read = 63, SYS_write = 64, SYS_fsync = 82, SYS_exit = 93, SYS_waitid = 95, SYS_reboot = 142, SYS_uname = 160,
    SYS_socket = 198, SYS_bind = 200, SYS_sendto = 206, SYS_munmap = 215, SYS_clone = 220, SYS_mmap2 = 222,
    SYS_getrandom = 278, SYS_clock_gettime64 = 403, SYS_clock_nanosleep_time64 = 407, SYS_ppoll_time64 = 414
};

static long call(long number, long a, long b, long c, long d, long e, long f)
{
    register long a0 asm("a0") = a;
    register long a1 asm("a1") = b;
    register long a2 asm("a2") = c;
    register long a3 asm("a3") = d;
    register long a4 asm("a4") = e;
    register long a5 asm("a5") = f;
    register long a7 asm("a7") = number;
    asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return a0;
}

#define call3(number, a, b, c) call(number, (long) (a), (long) (b), (long) (c), 0, 0, 0)

// ---- text ----

static u32 length(const char *text)
{
    u32 n = 0;
    while (text[n])
        n++;
    return n;
}

static void print(const char *text)
{
    call3(SYS_write, 1, text, length(text));
}

static void print_number(u32 value, u32 base)
{
    char digits[12];
    int at = sizeof digits - 1;
    digits[at] = 0;
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    print(digits + at);
}

static void result(const char *what, int good)
{
    print(good ? "init: ok " : "init: FAILED ");
    print(what);
    print("\n");
}

// A copy without memcpy, which the compiler would otherwise call.
void *memset(void *to, int value, u32 bytes)
{
    volatile u8 *at = to;
    while (bytes--)
        *at++ = value;
    return to;
}

void *memcpy(void *to, const void *from, u32 bytes)
{
    volatile u8 *at = to;
    const u8 *source = from;
    while (bytes--)
        *at++ = *source++;
    return to;
}

static int equal(const u8 *a, const u8 *b, u32 bytes)
{
    while (bytes && *a == *b)
        a++, b++, bytes--;
    return bytes == 0;
}

// ---- files and time ----

static int open(const char *path, int flags)
{
    return call(SYS_openat, -100, (long) path, flags, 0, 0, 0);
}

static int read_file(const char *path, char *into, u32 room)
{
    int file = open(path, 0);
    u32 got = 0;
    long n;
    while (file >= 0 && got < room - 1 && (n = call3(SYS_read, file, into + got, room - 1 - got)) > 0)
        got += n;
    call3(SYS_close, file, 0, 0);
    into[got] = 0;
    return got;
}

// The bytes after a word at the start of a word of the text, or 0.
static const char *find(const char *text, const char *word)
{
    u32 n = length(word);
    for (const char *at = text; *at; at++)
        if ((at == text || at[-1] == ' ' || at[-1] == '\n') && equal((const u8 *) at, (const u8 *) word, n))
            return at + n;
    return 0;
}

static u32 milliseconds(void)
{
    struct { s64 seconds, nanoseconds; } now;
    call3(SYS_clock_gettime64, 1, &now, 0);
    return (u32) now.seconds * 1000 + (u32) now.nanoseconds / 1000000;
}

static void sleep(u32 ms)
{
    struct { s64 seconds, nanoseconds; } time = { ms / 1000, (ms % 1000) * 1000000 };
    call(SYS_clock_nanosleep_time64, 1, 0, (long) &time, 0, 0, 0);
}

// ---- processes and memory ----

static int fork(void)
{
    return call(SYS_clone, 17, 0, 0, 0, 0, 0);
}

// Waits for a child. Returns its exit status.
static int wait(void)
{
    int info[32];
    long failed = call(SYS_waitid, 0, 0, (long) info, 4, 0, 0);
    return failed ? -1 : info[5];
}

// Touches new memory, and returns a sum over it.
static u32 work(u32 seed)
{
    u32 bytes = 256 << 10, sum = 0;
    u32 *memory = (u32 *) call(SYS_mmap2, 0, bytes, 3, 0x22, -1, 0);
    for (u32 i = 0; i < bytes / 4; i++)
        memory[i] = seed = seed * 1664525 + 1013904223;
    for (u32 i = 0; i < bytes / 4; i += 7)
        sum ^= memory[i] + i;
    call3(SYS_munmap, memory, bytes, 0);
    return sum;
}

// Eight children work at once; each sends its sum through a pipe.
static int processes(u32 seed)
{
    int ends[2];
    u32 expected = 0, got = 0, sum;
    call3(SYS_pipe2, ends, 0, 0);
    for (u32 i = 0; i < 8; i++) {
        if (fork() == 0) {
            sum = work(seed + i);
            call3(SYS_write, ends[1], &sum, sizeof sum);
            call3(SYS_exit, i, 0, 0);
        }
    }
    int statuses = 0;
    for (u32 i = 0; i < 8; i++)
        statuses += wait();
    for (u32 i = 0; i < 8; i++) {
        expected += work(seed + i);
        call3(SYS_read, ends[0], &sum, sizeof sum);
        got += sum;
    }
    call3(SYS_close, ends[0], 0, 0);
    call3(SYS_close, ends[1], 0, 0);
    return statuses == 28 && got == expected;
}

// ---- devices ----

static long seek(int file, u32 to)
{
    s64 at;
    return call(SYS_llseek, file, 0, to, (long) &at, 0, 0);
}

// Writes a sector and reads it back after a flush.
static int disk(const char *path, int random)
{
    static u8 sector[512], again[512];
    int file = open(path, 2);
    if (file < 0)
        return 0;
    for (u32 i = 0; i < sizeof sector; i++)
        sector[i] = i * 37 + path[7];
    if (random)
        call3(SYS_getrandom, sector, sizeof sector, 0);
    int good = seek(file, 1024) == 0 && call3(SYS_write, file, sector, 512) == 512 && call3(SYS_fsync, file, 0, 0) == 0
            && seek(file, 1024) == 0 && call3(SYS_read, file, again, 512) == 512 && equal(sector, again, 512);
    call3(SYS_close, file, 0, 0);
    return good;
}

// The file is there without a device too; reading it then is error 19, ENODEV.
static void entropy(void)
{
    u8 bytes[16];
    int file = open("/dev/hwrng", 0);
    long got = call3(SYS_read, file, bytes, sizeof bytes);
    call3(SYS_close, file, 0, 0);
    if (file >= 0 && got != -19)
        result("/dev/hwrng", got == sizeof bytes);
}

static int poll(int file, u32 ms)
{
    struct { int file; short wanted, got; } one = { file, 1, 0 };
    struct { s64 seconds, nanoseconds; } time = { ms / 1000, (ms % 1000) * 1000000 };
    return call(SYS_ppoll_time64, (long) &one, 1, (long) &time, 0, 0, 0);
}

// Asks for the address of 10.0.2.2 by ARP, and waits for the answer.
static int network(void)
{
    static const u8 asks[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
    struct { char name[16]; union { short flags; int index; u8 address[16]; }; u8 rest[16]; } card = { .name = "eth0" };
    struct { short family, protocol; int index; short type; u8 packet, bytes, address[8]; } from
            = { 17, 0x0608, 0, 0, 0, 0, { 0 } };
    static u8 frame[64], answer[2048];
    int socket = call3(SYS_socket, 17, 3, 0x0608);
    if (socket < 0 || call3(SYS_ioctl, socket, 0x8927, &card) < 0)
        return 0;
    memset(frame, 0xff, 6);
    memcpy(frame + 6, card.address + 2, 6);
    frame[12] = 8, frame[13] = 6;
    memcpy(frame + 14, asks, sizeof asks);
    memcpy(frame + 22, card.address + 2, 6);
    frame[28] = 10, frame[30] = 2, frame[31] = 15;
    frame[38] = 10, frame[40] = 2, frame[41] = 2;
    call3(SYS_ioctl, socket, 0x8933, &card);
    from.index = card.index;
    card.flags = 0x41;
    if (call3(SYS_ioctl, socket, 0x8914, &card) < 0 || call3(SYS_bind, socket, &from, sizeof from) < 0)
        return 0;
    print("init: eth0 is up\n");
    if (call(SYS_sendto, socket, (long) frame, sizeof frame, 0, 0, 0) != sizeof frame)
        return 0;
    for (u32 left = 20; left; left--) {
        if (poll(socket, 500) > 0 && call3(SYS_read, socket, answer, sizeof answer) >= 42 && answer[21] == 2
                && equal(answer + 28, frame + 38, 4)) {
            print("init: 10.0.2.2 is at");
            for (u32 i = 22; i < 28; i++) {
                print(i == 22 ? " " : ":");
                if (answer[i] < 16)
                    print("0");
                print_number(answer[i], 16);
            }
            print("\n");
            return 1;
        }
    }
    return 0;
}

static void ask(void)
{
    char line[128];
    print("init: say something\n");
    long got = call3(SYS_read, 0, line, sizeof line - 1);
    line[got < 0 ? 0 : got] = 0;
    print("init: heard ");
    print(line);
}

static void devices(const char *command_line)
{
    static char name[] = "/dev/vda";
    for (; name[7] < 'i'; name[7]++) {
        int file = open(name, 0);
        if (file < 0)
            break;
        call3(SYS_close, file, 0, 0);
        result(name, disk(name, name[7] == 'b' && find(command_line, "random") != 0));
    }
    entropy();
    int console = open("/dev/hvc0", 0x101);
    if (console >= 0) {
        long written = call3(SYS_write, console, "init: this is hvc0\n", 19);
        result("/dev/hvc0", written == 19);
    }
    int card = open("/sys/class/net/eth0/address", 0);
    if (card >= 0)
        result("eth0", network());
}

static void run(void)
{
    static char text[8192], command_line[1024];
    static struct { char part[6][65]; } names;
    call(SYS_mkdirat, -100, (long) "/proc", 0755, 0, 0, 0);
    call(SYS_mkdirat, -100, (long) "/sys", 0755, 0, 0, 0);
    call(SYS_mount, (long) "proc", (long) "/proc", (long) "proc", 0, 0, 0);
    call(SYS_mount, (long) "sysfs", (long) "/sys", (long) "sysfs", 0, 0, 0);
    call(SYS_mount, (long) "dev", (long) "/dev", (long) "devtmpfs", 0, 0, 0);
    read_file("/proc/cmdline", command_line, sizeof command_line);
    read_file("/proc/cpuinfo", text, sizeof text);
    u32 harts = 0;
    for (const char *at = find(text, "processor"); at; at = find(at, "processor"))
        harts++;
    call3(SYS_uname, &names, 0, 0);
    print("init: ");
    print(names.part[0]);
    print(" on ");
    print(names.part[4]);
    print(", harts: ");
    print_number(harts, 10);
    print("\n");

    result("processes", processes(1));
    const char *rounds = find(command_line, "stress=");
    if (rounds) {
        u32 left = 0;
        int good = 1;
        while (*rounds >= '0' && *rounds <= '9')
            left = left * 10 + *rounds++ - '0';
        while (left)
            good &= processes(left--);
        result("stress", good);
    }
    u32 before = milliseconds();
    sleep(30);
    u32 slept = milliseconds() - before;
    result("a sleep of 30 ms", slept >= 30 && slept < 1000);
    devices(command_line);
    if (find(command_line, "ask"))
        ask();
    print("init: power off\n");
    call(SYS_reboot, 0xfee1dead, 672274793, 0x4321fedc, 0, 0, 0);
    for (;;)
        sleep(1000);
}

__attribute__((naked, noreturn)) void _start(void)
{
    asm volatile("andi sp, sp, -16; j %0" : : "i"(run));
}
