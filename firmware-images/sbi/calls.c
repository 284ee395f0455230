// The calls of S-mode (RISC-V Supervisor Binary Interface Specification 2.0), and their errors.
#include "sbi.h"

#define SPEC_VERSION (2u << 24)                     // 2.0
#define IMPLEMENTATION_ID 0x46655249                // "FeRI": not assigned in the specification
#define IMPLEMENTATION_VERSION 1                    // 0.1: major in the upper half

enum error { SUCCESS = 0, NOT_SUPPORTED = -2, INVALID_PARAM = -3, INVALID_ADDRESS = -5, ALREADY_AVAILABLE = -6, FAILED = -1 };

// Extensions.
#define BASE 0x10
#define TIME 0x54494d45
#define IPI 0x735049
#define RFENCE 0x52464e43
#define HSM 0x48534d
#define SRST 0x53525354
#define DBCN 0x4442434e

// The legacy calls, one extension each (chapter 5). Linux's earlycon=sbi and HVC_RISCV_SBI use them.
enum legacy { SET_TIMER, PUTCHAR, GETCHAR, CLEAR_IPI, SEND_IPI, REMOTE_FENCE_I, REMOTE_SFENCE_VMA, REMOTE_SFENCE_VMA_ASID, SHUTDOWN, LEGACY_CALLS };

#define ALL_HARTS ((word)-1)
#define LARGEST_ASID 0x1ff                          // Sv32
#define MAX_CONSOLE_BYTES 256                       // at once: other harts may wait for the console

enum suspend_type { RETENTIVE = 0, NON_RETENTIVE = 1u << 31 };

// The arguments are a[0] to a[5]. A result besides the error goes to *value.
typedef word *arguments;

static bool is_known(word extension)
{
    return extension < LEGACY_CALLS || extension == BASE || extension == TIME || extension == IPI || extension == RFENCE || extension == HSM || extension == SRST || extension == DBCN;
}

// True if a hart can start there: at an instruction in the payload's memory.
static bool is_startable(word address) { return address % 2 == 0 && is_payload_memory(address, 2); }

static bool is_hart(word hart) { return hart < MAX_HARTS && platform.harts >> hart & 1; }

// Turns a mask and its base into a set of harts. Returns false if a bit stands for no hart.
static bool choose_harts(word mask, word base, word *harts)
{
    if (base == ALL_HARTS) {
        *harts = platform.harts;
        return true;
    }
    *harts = base < MAX_HARTS ? mask << base : 0;
    return !(*harts & ~platform.harts) && (base < MAX_HARTS ? *harts >> base == mask : !mask);
}

static enum error base(word function, arguments a, word *value)
{
    switch (function) {
        case 0: *value = SPEC_VERSION; return SUCCESS;
        case 1: *value = IMPLEMENTATION_ID; return SUCCESS;
        case 2: *value = IMPLEMENTATION_VERSION; return SUCCESS;
        case 3: *value = is_known(a[0]); return SUCCESS;
        case 4: *value = read_csr(mvendorid); return SUCCESS;
        case 5: *value = read_csr(marchid); return SUCCESS;
        case 6: *value = read_csr(mimpid); return SUCCESS;
        default: return NOT_SUPPORTED;
    }
}

static enum error ipi(word function, arguments a)
{
    word harts;
    if (function != 0) return NOT_SUPPORTED;
    if (!choose_harts(a[0], a[1], &harts)) return INVALID_PARAM;
    send_event(harts, EVENT_IPI);
    return SUCCESS;
}

// Functions 3 to 6 are for hypervisors, and are not supported.
static enum error rfence(word function, arguments a)
{
    word harts, start = function == FENCE_I ? 0 : a[2], bytes = function == FENCE_I ? 0 : a[3], asid = function == SFENCE_VMA_ASID ? a[4] : 0;
    if (function > SFENCE_VMA_ASID) return NOT_SUPPORTED;
    if (!choose_harts(a[0], a[1], &harts) || asid > LARGEST_ASID) return INVALID_PARAM;
    bool all = bytes == (word)-1;                   // start = bytes = 0 means the same
    if (!all && bytes && start + (bytes - 1) < start) return INVALID_ADDRESS;
    remote_fence(harts, function, all ? 0 : start, all ? 0 : bytes, asid);
    return SUCCESS;
}

static enum error suspend(word type, word address, word opaque)
{
    if (type != RETENTIVE && type != NON_RETENTIVE) return INVALID_PARAM;
    if (type == NON_RETENTIVE && !is_startable(address)) return INVALID_ADDRESS;
    suspend_hart();
    if (type == NON_RETENTIVE) enter(address, this_hart(), opaque);
    return SUCCESS;
}

static enum error hsm(word function, arguments a, word *value)
{
    switch (function) {
        case 0:
            if (!is_hart(a[0])) return INVALID_PARAM;
            if (!is_startable(a[1])) return INVALID_ADDRESS;
            return start_hart(a[0], a[1], a[2]) ? SUCCESS : ALREADY_AVAILABLE;
        case 1: stop_hart();
        case 2:
            if (!is_hart(a[0])) return INVALID_PARAM;
            *value = state_of(a[0]);
            return SUCCESS;
        case 3: return suspend(a[0], a[1], a[2]);
        default: return NOT_SUPPORTED;
    }
}

// A cold and a warm reboot are the same. A shutdown with a reason is a failure; a reboot keeps its reason as the code.
static enum error reset(word function, arguments a)
{
    if (function != 0) return NOT_SUPPORTED;
    if (a[0] > 2 || a[1] > 1) return INVALID_PARAM;
    return finish(a[0] ? FINISH_RESET | a[1] << 16 : a[1] ? FINISH_FAIL : FINISH_PASS) ? SUCCESS : NOT_SUPPORTED;
}

static enum error console(word function, arguments a, word *value)
{
    word bytes = a[0] < MAX_CONSOLE_BYTES ? a[0] : MAX_CONSOLE_BYTES;
    byte c = a[0];
    if (function > 2) return NOT_SUPPORTED;
    if (function == 2) return console_write(&c, 1) == 1 ? SUCCESS : FAILED;
    if (a[0] && (a[2] || !is_payload_memory(a[1], a[0]))) return INVALID_PARAM;
    *value = function == 0 ? console_write((const byte *)a[1], bytes) : console_read((byte *)a[1], bytes);
    return SUCCESS;
}

// Reads a set of harts, which lies in the caller's memory. No address means all harts. Harts that are none are ignored.
static enum error load_harts(word address, word *harts)
{
    *harts = ALL_HARTS;
    if (address && !load_as_caller(address, harts)) return INVALID_ADDRESS;
    *harts &= platform.harts;
    return SUCCESS;
}

// Returns what the caller finds in a0. No other register changes.
static word legacy_call(enum legacy call, arguments a)
{
    word harts, pending, all = a[2] == (word)-1;
    byte c = a[0];
    enum error error;
    switch (call) {
        case SET_TIMER: set_timer(a[0], a[1]); return SUCCESS;
        case PUTCHAR: return console_write(&c, 1) == 1 ? SUCCESS : FAILED;
        case GETCHAR: return console_read(&c, 1) == 1 ? c : (word)-1;
        case CLEAR_IPI:
            pending = read_csr(mip) & SSIP;
            clear_csr(mip, SSIP);
            return pending != 0;
        case SHUTDOWN: return finish(FINISH_PASS) ? SUCCESS : NOT_SUPPORTED;
        default: break;
    }
    error = load_harts(a[0], &harts);
    if (error) return error;
    if (call == SEND_IPI) {
        send_event(harts, EVENT_IPI);
    } else if (call == REMOTE_FENCE_I) {
        remote_fence(harts, FENCE_I, 0, 0, 0);
    } else {
        bool by_asid = call == REMOTE_SFENCE_VMA_ASID;
        if (by_asid && a[3] > LARGEST_ASID) return INVALID_PARAM;
        remote_fence(harts, by_asid ? SFENCE_VMA_ASID : SFENCE_VMA, all ? 0 : a[1], all ? 0 : a[2], by_asid ? a[3] : 0);
    }
    return SUCCESS;
}

void sbi_call(struct registers *r)
{
    arguments a = &r->x[10];
    word function = r->x[16], extension = r->x[17], value = 0;
    if (extension < LEGACY_CALLS) {
        a[0] = legacy_call(extension, a);
        return;
    }
    enum error error = NOT_SUPPORTED;
    switch (extension) {
        case BASE: error = base(function, a, &value); break;
        case TIME:
            if (function != 0) break;
            set_timer(a[0], a[1]);
            error = SUCCESS;
            break;
        case IPI: error = ipi(function, a); break;
        case RFENCE: error = rfence(function, a); break;
        case HSM: error = hsm(function, a, &value); break;
        case SRST: error = reset(function, a); break;
        case DBCN: error = console(function, a, &value); break;
        default: break;
    }
    a[0] = error;
    a[1] = value;
}
