package ferrite.hardware;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.instruction.Instruction;

/** An assembler for tests: it fills the fields of instruction words from the table, and stores the words in memory. */
public final class Assembler {

    public static final int ZERO = 0;
    public static final int RA = 1;
    public static final int T0 = 5;
    public static final int T1 = 6;
    public static final int T2 = 7;
    public static final int S0 = 8;
    public static final int S1 = 9;
    public static final int A0 = 10;
    public static final int A1 = 11;
    public static final int A2 = 12;

    private static final BusMaster LOADER = new BusMaster("loader", 34);

    private final PhysicalBus bus;
    private long pa;

    public Assembler(PhysicalBus bus, long pa) {
        this.bus = bus;
        this.pa = pa;
    }

    /** Stores words one after the other. */
    public Assembler put(int... words) {
        for (int word : words) {
            bus.store(LOADER, pa, 4, word);
            pa += 4;
        }
        return this;
    }

    /** Loads any 32-bit value with LUI and ADDI. */
    public Assembler li(int rd, long value) {
        int low = (int) value << 20 >> 20;
        return put(u(Instruction.LUI, rd, (int) value - low), i(Instruction.ADDI, rd, rd, low));
    }

    /** Writes a CSR. It overwrites t0. */
    public Assembler csrw(int csr, long value) {
        return li(T0, value).put(csr(Instruction.CSRRW, ZERO, csr, T0));
    }

    /** Returns the address of the next word. */
    public long here() {
        return pa;
    }

    public static int r(Instruction op, int rd, int rs1, int rs2) {
        return op.match() | rd << 7 | rs1 << 15 | rs2 << 20;
    }

    public static int i(Instruction op, int rd, int rs1, int immediate) {
        return op.match() | rd << 7 | rs1 << 15 | immediate << 20;
    }

    public static int s(Instruction op, int rs2, int rs1, int immediate) {
        return op.match() | (immediate & 0x1f) << 7 | rs1 << 15 | rs2 << 20 | immediate >> 5 << 25;
    }

    public static int b(Instruction op, int rs1, int rs2, int offset) {
        return op.match() | rs1 << 15 | rs2 << 20 | (offset >> 12 & 1) << 31 | (offset >> 5 & 0x3f) << 25
                | (offset >> 1 & 0xf) << 8 | (offset >> 11 & 1) << 7;
    }

    public static int u(Instruction op, int rd, int immediate) {
        return op.match() | rd << 7 | immediate & 0xffff_f000;
    }

    public static int j(Instruction op, int rd, int offset) {
        return op.match() | rd << 7 | (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20
                | (offset >> 12 & 0xff) << 12;
    }

    public static int csr(Instruction op, int rd, int csr, int rs1) {
        return op.match() | rd << 7 | rs1 << 15 | csr << 20;
    }

    public static int nop() {
        return i(Instruction.ADDI, ZERO, ZERO, 0);
    }
}
