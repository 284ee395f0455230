package ferrite.translator;

import ferrite.hardware.instruction.Instruction;

/** The kinds of loads and stores. */
enum Access {

    LOAD_BYTE(1, true, "loadByte"),
    LOAD_HALF(2, true, "loadHalf"),
    LOAD_WORD(4, true, "loadWord"),
    LOAD_BYTE_UNSIGNED(1, false, "loadByteUnsigned"),
    LOAD_HALF_UNSIGNED(2, false, "loadHalfUnsigned"),
    STORE_BYTE(1, false, "storeByte"),
    STORE_HALF(2, false, "storeHalf"),
    STORE_WORD(4, false, "storeWord");

    private final int bytes;
    private final boolean signed;
    private final String slowPath;

    Access(int bytes, boolean signed, String slowPath) {
        this.bytes = bytes;
        this.signed = signed;
        this.slowPath = slowPath;
    }

    static Access of(Instruction row) {
        return switch (row) {
            case LB -> LOAD_BYTE;
            case LH -> LOAD_HALF;
            case LW -> LOAD_WORD;
            case LBU -> LOAD_BYTE_UNSIGNED;
            case LHU -> LOAD_HALF_UNSIGNED;
            case SB -> STORE_BYTE;
            case SH -> STORE_HALF;
            case SW -> STORE_WORD;
            default -> throw new IllegalArgumentException(row + " is no access");
        };
    }

    int bytes() {
        return bytes;
    }

    boolean isSigned() {
        return signed;
    }

    boolean isStore() {
        return compareTo(STORE_BYTE) >= 0;
    }

    /** Returns the name of the slow path's method. */
    String slowPath() {
        return slowPath;
    }
}
