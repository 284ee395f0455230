package ferrite.scenarios.hostile;

import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.Code;

/** Steps of a payload that makes forbidden calls to its firmware (SBI 2.0). */
final class SbiSteps {

    private static final int HSM = 0x48534d;
    private static final int[] EXTENSIONS = {0x10, 0x54494d45, 0x735049, 0x52464e43, HSM, 0x53525354, 0x4442434e, 0,
            1, 2, 4, 8, 0x504d55};

    private final Choice choice;
    private final int ram;
    private final int start;
    private final long ramBytes;

    /**
     * @param ram   the start of RAM and of the firmware
     * @param start the start of the payload
     */
    SbiSteps(Choice choice, int ram, int start, long ramBytes) {
        this.choice = choice;
        this.ram = ram;
        this.start = start;
        this.ramBytes = ramBytes;
    }

    GuestStep any() {
        return switch (choice.below(4)) {
            case 0 -> startHart();
            case 1 -> trespass();
            default -> call();
        };
    }

    private int argument() {
        return switch (choice.below(6)) {
            case 0 -> ram + choice.below(1 << 16);
            case 1 -> (int) (ram + ramBytes) - choice.below(32);
            case 2 -> start + choice.below(1 << 18);
            case 3 -> choice.below(10);
            default -> choice.operand();
        };
    }

    /** Calls any function of any extension with any arguments. Some calls end or restart the run. */
    private GuestStep call() {
        int extension = choice.oneIn(10) ? choice.word() : choice.of(EXTENSIONS);
        int function = choice.oneIn(10) ? choice.operand() : choice.below(8);
        int[] arguments = new int[5];
        for (int n = 0; n < arguments.length; n++) {
            arguments[n] = argument();
        }
        return new GuestStep("a call of the firmware", code -> {
            for (int n = 0; n < arguments.length; n++) {
                code.li(Code.A0 + n, arguments[n]);
            }
            code.li(Code.A6, function).li(Code.A7, extension).plain(Instruction.ECALL);
        });
    }

    /** Starts another hart at the payload's entry. */
    private GuestStep startHart() {
        int hart = choice.below(9);
        int at = choice.oneIn(8) ? argument() : start;
        return new GuestStep("another hart", code -> code.li(Code.A0, hart).li(Code.A0 + 1, at)
                .li(Code.A0 + 2, 0).li(Code.A6, 0).li(Code.A7, HSM)
                .plain(Instruction.ECALL));
    }

    private GuestStep trespass() {
        int address = choice.oneIn(4) ? argument() : ram + 4 * choice.below(1 << 14);
        boolean jumps = choice.oneIn(3);
        return new GuestStep("the firmware's memory", code -> {
            code.li(Code.T0, address).load(Code.T1, Code.T0, 0);
            if (jumps) {
                code.i(Instruction.JALR, Code.RA, Code.T0, 0);
            } else {
                code.store(Code.T1, Code.T0, 0);
            }
        });
    }
}
