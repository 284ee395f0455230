package ferrite.hardware.hart;

/**
 * The numbers of decoded instructions: the position of the row in {@code Instruction}, counted from 1. Only the numbers
 * for the interpreter's switch are here. A test compares them with the table.
 */
final class Op {

    /** Number of an empty slot. */
    static final int NONE = 0;

    static final int LUI = 1;
    static final int AUIPC = 2;
    static final int JAL = 3;
    static final int JALR = 4;
    static final int BEQ = 5;
    static final int BNE = 6;
    static final int BLT = 7;
    static final int BGE = 8;
    static final int BLTU = 9;
    static final int BGEU = 10;
    static final int LB = 11;
    static final int LH = 12;
    static final int LW = 13;
    static final int LBU = 14;
    static final int LHU = 15;
    static final int SB = 16;
    static final int SH = 17;
    static final int SW = 18;
    static final int ADDI = 19;
    static final int SLTI = 20;
    static final int SLTIU = 21;
    static final int XORI = 22;
    static final int ORI = 23;
    static final int ANDI = 24;
    static final int SLLI = 25;
    static final int SRLI = 26;
    static final int SRAI = 27;
    static final int ADD = 28;
    static final int SUB = 29;
    static final int SLL = 30;
    static final int SLT = 31;
    static final int SLTU = 32;
    static final int XOR = 33;
    static final int SRL = 34;
    static final int SRA = 35;
    static final int OR = 36;
    static final int AND = 37;
    static final int FENCE = 38;
    static final int FENCE_I = 41;
    static final int CSRRW = 42;
    static final int CSRRCI = 47;
    static final int MUL = 48;
    static final int MULH = 49;
    static final int MULHSU = 50;
    static final int MULHU = 51;
    static final int DIV = 52;
    static final int DIVU = 53;
    static final int REM = 54;
    static final int REMU = 55;
    static final int LR_W = 56;
    static final int AMOMAXU_W = 66;

    /** Bit of the number in a slot at which translated code is entered. The rest is the instruction there. */
    static final int ENTRY = 0x80;
    /** Number of bits that are no instruction. */
    static final int ILLEGAL = 0xff;

    private Op() { }

    /** Tells whether a region can contain an instruction. That is not known of an empty slot. */
    static boolean mayBeTranslated(int op) {
        return op <= FENCE || op == FENCE_I || op >= MUL && op <= REMU || op >= ENTRY && op != ILLEGAL;
    }

    /** Tells whether a load or store is a store. */
    static boolean isStore(int op) {
        return op >= SB;
    }

    /** Returns the number of bytes of a load or store. */
    static int bytes(int op) {
        return isStore(op) ? 1 << op - SB : 1 << (op - LB) % 3;
    }

    /** Tells whether an instruction is one of Zicsr or of A. No region contains it, and it continues with the next. */
    static boolean isCsrOrAtomic(int op) {
        return op >= CSRRW && op <= CSRRCI || op >= LR_W && op <= AMOMAXU_W;
    }
}
