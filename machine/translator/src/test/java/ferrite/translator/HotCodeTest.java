package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.hart.TranslatedRegion;
import ferrite.hardware.hart.Translator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Code that is executed often is translated, and again after its region was dropped. */
class HotCodeTest {

    private static final int SLICE = 100_000;
    private static final int SLICES = 300;

    private final List<TranslatedRegion> regions = new ArrayList<>();
    private Twins.Twin twin;

    private void start(int... code) {
        twin = new Twins().code(Twins.CODE, code).translated;
        Translator translator = new BytecodeTranslator();
        twin.hart.translate((source, pc) -> {
            TranslatedRegion region = translator.translate(source, pc);
            regions.add(region);
            return region;
        }, false);
    }

    private void loop() {
        for (int slice = 0; slice < SLICES; slice++) {
            twin.clock.grant(SLICE);
            twin.hart.run();
        }
    }

    @Test
    void aLoopIsTranslatedAgainAfterItsRegionWasDropped() {
        start(0x0012_8293,                             // addi x5, x5, 1
                0xffdf_f06f);                          // j CODE
        loop();
        assertThat(regions).singleElement().matches(TranslatedRegion::isValid);
        twin.bus.code().dropAll();
        assertThat(regions).singleElement().matches(region -> !region.isValid());
        loop();
        assertThat(regions).hasSize(2).last().matches(TranslatedRegion::isValid);
        assertThat(twin.hart.register(5)).as("the loop's passes, of two instructions each").isEqualTo(SLICES * SLICE);
    }

    @Test
    void aRegionIsTheCodeThatIsExecutedAcrossCallsAndReturns() {
        start(0x0012_8293,                             // addi x5, x5, 1
                0x0002_8463,                           // beqz x5, + 8: never
                0x00c0_00ef,                           // jal f
                0x0013_0313,                           // addi x6, x6, 1: after the branch, and after the call
                0xff1f_f06f,                           // j CODE
                0x0013_8393,                           // f: addi x7, x7, 1
                0x0003_8463,                           // beqz x7, + 8: never
                0x0000_8067,                           // ret
                0x0014_0413,                           // addi x8, x8, 1: never
                0x0000_8067);                          // ret
        loop();
        assertThat(regions).hasSizeBetween(1, 2).last().satisfies(region -> assertThat(region.parts())
                .singleElement().satisfies(part -> assertThat(part.starts().stream().map(slot -> slot / 2))
                        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7)));
        assertThat(twin.hart.register(5)).isEqualTo(twin.hart.register(7)).isEqualTo(SLICES * SLICE / 8);
    }
}
