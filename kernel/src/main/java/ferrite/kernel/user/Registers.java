package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;

/**
 * The registers of a program on their way between the hart and its record: x1 to x31, and {@code pc} in place of x0, as
 * {@code struct pt_regs} has them.
 */
final class Registers {

    static final int RA = 1;
    static final int SP = 2;
    static final int TP = 4;
    static final int A0 = 10;
    static final int A1 = 11;
    static final int A2 = 12;
    static final int A7 = 17;

    private static final int COUNT = 32;

    private final int[] words = new int[COUNT];

    /** Loads the registers from a program's record. */
    void load(KernelMemory memory, long regs) {
        for (int i = 0; i < COUNT; i++) {
            words[i] = memory.load32(regs + 4L * i);
        }
    }

    /** Stores the registers in a program's record. */
    void store(KernelMemory memory, long regs) {
        for (int i = 0; i < COUNT; i++) {
            memory.store32(regs + 4L * i, words[i]);
        }
    }

    /** Returns registers of the same values. */
    Registers copy() {
        Registers copy = new Registers();
        System.arraycopy(words, 0, copy.words, 0, COUNT);
        return copy;
    }

    int get(int register) {
        return words[register];
    }

    void set(int register, int value) {
        words[register] = value;
    }

    /** Returns an argument of a system call: 0 to 5. */
    int argument(int number) {
        return words[A0 + number];
    }

    /** Returns an argument of a system call that is an address or has no sign. */
    long pointer(int number) {
        return words[A0 + number] & 0xffff_ffffL;
    }

    int pc() {
        return words[0];
    }

    void setPc(int pc) {
        words[0] = pc;
    }

    /** The array that the hart exchanges with its registers. It ignores the first element, and stores 0 there. */
    int[] words() {
        return words;
    }
}
