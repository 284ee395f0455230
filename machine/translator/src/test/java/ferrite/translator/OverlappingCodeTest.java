package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Instructions overlap where a branch leads into the middle of one. */
class OverlappingCodeTest {

    @Test
    void codeGoesOnAfterAnInstructionIntoWhoseMiddleABranchLeads() {
        Twins twins = new Twins().code(Twins.CODE,
                0x0393_02b7,                           // lui x5, 0x3930: its second half begins addi x7, x14, 51
                0x0405_0337,                           // lui x6, 0x4050: its second half is c.addi x8, 1
                0x0014_8493,                           // addi x9, x9, 1
                0xfe05_0be3,                           // beqz x10, CODE + 2
                0xff1f_f06f)                           // j CODE
                .set(7, 0).set(8, 0).set(9, 0).set(10, 1).set(14, 0).at(Twins.CODE)
                .run(500, "the loop that never branches into an instruction");
        assertThat(twins.translated.hart.register(9)).isEqualTo(100);
        twins.set(10, 0).run(500, "the loop that does");
        assertThat(twins.translated.hart.register(8)).isGreaterThan(100);
    }
}
