package ferrite.scenarios.hostile;

import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.Code;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Steps that call the host by semihosting, with wrong handles, addresses, lengths, names and numbers. */
final class HostCallSteps {

    private static final int SLLI_X0_X0_31 = 0x01f0_1013;
    private static final int SRAI_X0_X0_7 = 0x4070_5013;
    private static final int A1 = 11;
    /**
     * The calls that name a file or a handle. SYS_REMOVE and SYS_RENAME are not among them: a file that is open can be
     * used on, but not after a restore.
     */
    private static final List<Integer> WITH_FILES = List.of(1, 1, 1, 2, 5, 5, 6, 6, 9, 10, 12);
    private static final List<Integer> OTHERS = List.of(3, 4, 7, 8, 13, 16, 17, 18, 19, 21, 22, 24, 32, 48, 49, 50);
    private static final List<String> NAMES = List.of("f", "g", "..", "/e", ":tt", "../f", "./g", "", "\u00ff");

    private final Choice choice;
    private final int ram;

    HostCallSteps(Choice choice, int ram) {
        this.choice = choice;
        this.ram = ram;
    }

    GuestStep any(int address) {
        int number = choice.oneIn(4) ? choice.oneIn(3) ? choice.of(OTHERS) : choice.below(64) : choice.of(WITH_FILES);
        int call = number == 14 || number == 15 ? 1 : number;
        int block = ram + GuestPrograms.DATA + 32 * choice.below(16);
        byte[] name = choice.of(NAMES).getBytes(StandardCharsets.ISO_8859_1);
        int letters = 0;
        for (int i = 0; i < Math.min(4, name.length); i++) {
            letters |= (name[i] & 0xff) << 8 * i;
        }
        int text = letters;
        int length = choice.oneIn(4) ? choice.operand() : call == 1 ? name.length : choice.below(300);
        int first = call == 1 ? block + 16 : choice.below(5);
        int second = call == 1 ? choice.below(13) : choice.oneIn(3) ? address : ram + choice.below(1 << 16);
        boolean wrongBlock = choice.oneIn(12);
        return new GuestStep("call " + call + " of the host", code -> code.li(Code.T0, block)
                .li(Code.T1, first).store(Code.T1, Code.T0, 0)
                .li(Code.T1, second).store(Code.T1, Code.T0, 4)
                .li(Code.T1, length).store(Code.T1, Code.T0, 8)
                .li(Code.T1, text).store(Code.T1, Code.T0, 16)
                .li(Code.A0, call).li(A1, wrongBlock ? address : block)
                .word(SLLI_X0_X0_31).plain(Instruction.EBREAK).word(SRAI_X0_X0_7));
    }
}
