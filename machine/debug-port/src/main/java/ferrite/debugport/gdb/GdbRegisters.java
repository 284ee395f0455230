package ferrite.debugport.gdb;

import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Hex;

/** The registers by GDB's numbers: x0 to x31, pc, the CSRs from 65 on, and the privilege mode as {@code priv}. */
final class GdbRegisters {

    static final int RA = 1;
    static final int PC = 32;
    /** The registers of a {@code g} packet: x0 to x31 and pc. */
    static final int GENERAL = 33;
    static final int FIRST_CSR = 65;
    static final int CSRS = 1 << 12;
    static final int PRIV = FIRST_CSR + CSRS;

    private GdbRegisters() { }

    /** Tells whether there is a register with this number. */
    static boolean exists(Hart hart, int number) {
        return number >= 0 && number < GENERAL || number == PRIV
                || number >= FIRST_CSR && number < PRIV && csrExists(hart, number - FIRST_CSR);
    }

    static boolean csrExists(Hart hart, int csr) {
        try {
            hart.csrs().read(csr, PrivilegeMode.M);
            return true;
        } catch (Trap noSuchRegister) {
            return false;
        }
    }

    static int read(Hart hart, int number) throws PacketException {
        if (!exists(hart, number)) {
            throw noSuch(number);
        }
        if (number < PC) {
            return hart.register(number);
        }
        return number == PC ? hart.pc() : number == PRIV ? hart.mode()
                : hart.csrs().read(number - FIRST_CSR, PrivilegeMode.M);
    }

    static void write(Hart hart, int number, int value) throws PacketException {
        if (!exists(hart, number)) {
            throw noSuch(number);
        }
        if (number < PC) {
            hart.setRegister(number, value);
        } else if (number == PC) {
            hart.setPc(value);
        } else if (number == PRIV) {
            hart.setMode(value);
        } else {
            writeCsr(hart, number - FIRST_CSR, value);
        }
    }

    private static void writeCsr(Hart hart, int csr, int value) throws PacketException {
        try {
            hart.debugWriteCsr(csr, value);
        } catch (Trap readOnly) {
            throw new PacketException("this CSR can only be read");
        }
    }

    static PacketException noSuch(int number) {
        int csr = number - FIRST_CSR;
        return new PacketException(csr < 0 || csr >= CSRS ? "there is no register " + number
                : "this hart has no CSR " + csr + " (0x" + Hex.digits(csr, 3) + ")");
    }
}
