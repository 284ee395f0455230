package ferrite.scenarios.qemu;

/**
 * The kinds of 16-bit parcels (unprivileged specification, section 16.8) that a program must distinguish: parcels that
 * may stand anywhere, parcels that access memory, and parcels that jump. The class is written from the specification's
 * listing, and does not use Ferrite's decoder.
 */
final class Compressed {

    enum Kind { COMPUTES, LOADS_OR_STORES, JUMPS, WRITES_GP_OR_TP, TRAPS, IS_32_BIT }

    private Compressed() { }

    static Kind kind(int parcel) {
        int register = parcel >>> 7 & 31;
        return switch ((parcel & 3) << 3 | parcel >>> 13 & 7) {
            case 0 -> parcel == 0 || (parcel & 0x1fe0) == 0 ? Kind.TRAPS : Kind.COMPUTES;          // C.ADDI4SPN
            case 2, 6 -> Kind.LOADS_OR_STORES;                                                     // C.LW, C.SW
            case 8, 10 -> writes(register);                                                        // C.ADDI, C.LI
            case 9, 13, 14, 15 -> Kind.JUMPS;  // C.JAL, C.J, C.BEQZ, C.BNEZ
            // C.ADDI16SP, C.LUI with imm = 0: reserved
            case 11 -> (parcel & 0x107c) == 0 ? Kind.TRAPS : writes(register);
            case 12 -> miscellaneous(parcel);
            case 16 -> (parcel & 0x1000) != 0 ? Kind.TRAPS : writes(register);      // C.SLLI with shamt[5]: not in RV32
            case 18 -> register == 0 ? Kind.TRAPS : Kind.LOADS_OR_STORES;           // C.LWSP
            case 20 -> moves(parcel, register);
            case 22 -> Kind.LOADS_OR_STORES;                                                       // C.SWSP
            case 24, 25, 26, 27, 28, 29, 30, 31 -> Kind.IS_32_BIT;
            default -> Kind.TRAPS;  // floating point, reserved
        };
    }

    private static Kind writes(int register) {
        return register == Code.GP || register == Code.TP ? Kind.WRITES_GP_OR_TP : Kind.COMPUTES;
    }

    /** C.SRLI, C.SRAI with shamt[5] and C.SUBW, C.ADDW are not in RV32. */
    private static Kind miscellaneous(int parcel) {
        int which = parcel >>> 10 & 3;
        return which != 2 && (parcel & 0x1000) != 0 ? Kind.TRAPS : Kind.COMPUTES;
    }

    private static Kind moves(int parcel, int register) {
        boolean second = (parcel & 0x7c) != 0;
        if (second) {
            return writes(register);                                                               // C.MV, C.ADD
        }
        return register == 0 ? Kind.TRAPS : Kind.JUMPS;  // C.EBREAK, reserved; C.JR, C.JALR
    }
}
