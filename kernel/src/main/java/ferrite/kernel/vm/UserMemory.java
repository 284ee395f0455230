package ferrite.kernel.vm;

import ferrite.hardware.bus.Access;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import java.util.Arrays;

/**
 * Copies between the kernel and the current program: {@code copy_to_user} and its kin. The hart may access the
 * program's pages meanwhile (SUM), through its MMU, and a page that is missing is brought in by a page fault.
 *
 * <p>A command of the shell is a program in Java: it has no address space, and its memory is the kernel's.
 */
@Plumbing
public final class UserMemory {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    /** Strings are read in pieces of this size, which divides a page. */
    private static final int STRING_PIECE = 64;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final UserFaults faults;

    UserMemory(KernelBase base, UserFaults faults) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.faults = faults;
    }

    /** {@code access_ok}: returns whether a range may be the current program's. Any context. */
    public boolean accessOk(long user, long bytes) {
        long end = hasAddressSpace() ? Areas.TASK_SIZE : 1L << 32;
        return user > 0 && bytes >= 0 && user + bytes <= end;
    }

    private boolean hasAddressSpace() {
        return TaskLayout.MM.get(memory, cpu.tp()) != 0;
    }

    /** An access to a part of a range. */
    private interface Piece {

        void move(int from, int bytes);
    }

    /** {@code copy_to_user}. Returns the number of bytes that were not copied. Task context; may sleep. */
    public int copyToUser(long to, long from, int bytes) {
        return forEachPage(to, bytes, (at, piece) -> memory.copy(to + at, from + at, piece));
    }

    /** {@code copy_from_user}. Returns the number of bytes that were not copied. Task context; may sleep. */
    public int copyFromUser(long to, long from, int bytes) {
        return forEachPage(from, bytes, (at, piece) -> memory.copy(to + at, from + at, piece));
    }

    /** {@code clear_user}: stores zeros. Returns the number of bytes that were not stored. Task context; may sleep. */
    public int clearUser(long to, int bytes) {
        return forEachPage(to, bytes, (at, piece) -> memory.fill(to + at, 0, piece));
    }

    /** Copies bytes of the kernel's to the program. Returns the number that were not copied. Task context. */
    public int write(long to, byte[] bytes, int at, int length) {
        return forEachPage(to, length, (from, piece) -> memory.write(to + from, bytes, at + from, piece));
    }

    /** Copies bytes of the program to the kernel. Returns the number that were not copied. Task context. */
    public int read(long from, byte[] bytes, int at, int length) {
        return forEachPage(from, length, (done, piece) -> memory.read(from + done, bytes, at + done, piece));
    }

    /** {@code put_user} of a word. Returns whether it was stored. Task context; may sleep. */
    public boolean put32(long to, int value) {
        return forEachPage(to, 4, to % 4 == 0 ? (at, piece) -> memory.store32(to, value)
                : (at, piece) -> memory.write(to + at, littleEndian(value), at, piece)) == 0;
    }

    private static byte[] littleEndian(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
    }

    /** Reads consecutive words of the program. Returns whether all could be read. Task context; may sleep. */
    public boolean get32s(long from, int[] words) {
        byte[] bytes = new byte[4 * words.length];
        if (read(from, bytes, 0, bytes.length) != 0) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            words[i] = bytes[4 * i] & 0xff | (bytes[4 * i + 1] & 0xff) << 8 | (bytes[4 * i + 2] & 0xff) << 16
                    | bytes[4 * i + 3] << 24;
        }
        return true;
    }

    /** Stores consecutive words of the program. Returns whether all could be stored. Task context; may sleep. */
    public boolean put32s(long to, int... words) {
        byte[] bytes = new byte[4 * words.length];
        for (int i = 0; i < words.length; i++) {
            System.arraycopy(littleEndian(words[i]), 0, bytes, 4 * i, 4);
        }
        return write(to, bytes, 0, bytes.length) == 0;
    }

    /**
     * {@code strncpy_from_user}: reads a string of at most {@code limit} bytes.
     *
     * @return the bytes before its NUL, or null if it cannot be read
     * @throws TooLong if it has no NUL in the first {@code limit} bytes
     */
    public byte[] string(long from, int limit) throws TooLong {
        byte[] bytes = new byte[Math.min(limit, STRING_PIECE)];
        int done = 0;
        while (done < limit) {
            int piece = Math.min(limit - done, STRING_PIECE - (int) (from + done & STRING_PIECE - 1));
            if (done + piece > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(2 * bytes.length, done + piece)));
            }
            if (read(from + done, bytes, done, piece) != 0) {
                return null;
            }
            for (int i = done; i < done + piece; i++) {
                if (bytes[i] == 0) {
                    return Arrays.copyOf(bytes, i);
                }
            }
            done += piece;
        }
        throw new TooLong();
    }

    /** The end of a search for the end of a string. */
    public static final class TooLong extends Exception {

        private static final long serialVersionUID = 1;

        private TooLong() {
            super("a string without an end", null, false, false);
        }
    }

    /** Accesses a range page by page. Returns the number of bytes that were not accessed. */
    private int forEachPage(long user, int bytes, Piece access) {
        if (bytes <= 0) {
            return 0;
        }
        if (!hasAddressSpace()) {
            access.move(0, bytes);
            return 0;
        }
        if (!accessOk(user, bytes)) {
            return bytes;
        }
        int done = 0;
        while (done < bytes) {
            int piece = Math.min(PAGE - (int) (user + done & PAGE - 1), bytes - done);
            if (!isPossible(access, done, piece)) {
                return bytes - done;
            }
            done += piece;
        }
        return 0;
    }

    private boolean isPossible(Piece access, int from, int bytes) {
        cpu.csrSet(Csrs.SSTATUS, Csrs.SUM);
        try {
            access.move(from, bytes);
            return true;
        } catch (UserFault fault) {
            return false;
        } finally {
            cpu.csrClear(Csrs.SSTATUS, Csrs.SUM);
        }
    }

    // ---- the trap handler ----

    /** Returns whether a trap comes from an access of this class to a program's page. */
    public boolean isOurs(int cause, long va, int sstatus) {
        return (sstatus & Csrs.SUM) != 0 && va < AddressSpace.PAGE_OFFSET
                && (cause == Trap.LOAD_PAGE_FAULT || cause == Trap.STORE_PAGE_FAULT);
    }

    /**
     * Brings the page of such an access in. Task context; interrupts are on. May sleep, unless the caller is atomic.
     *
     * @return null if the access is to be repeated, or what to throw through it
     */
    public RuntimeException bringIn(int cause, long va, boolean atomic) {
        long mm = TaskLayout.MM.get(memory, cpu.tp());
        boolean there = !atomic && mm != 0 && faults.handle(mm, va, cause == Trap.STORE_PAGE_FAULT
                ? Access.STORE : Access.LOAD) == FaultOutcome.REPEAT;
        return there ? null : new UserFault();
    }

    /** Returns {@code -EFAULT} if bytes are left, or else {@code count}. */
    public static int orFault(int left, int count) {
        return left == 0 ? count : -Errno.EFAULT;
    }
}
