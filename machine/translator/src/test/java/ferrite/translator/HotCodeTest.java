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
    private final Twins.Twin twin = new Twins().code(Twins.CODE,
            0x0012_8293,                               // addi x5, x5, 1
            0xffdf_f06f).translated;                   // j CODE

    HotCodeTest() {
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
        loop();
        assertThat(regions).singleElement().matches(TranslatedRegion::isValid);
        twin.bus.code().dropAll();
        assertThat(regions).singleElement().matches(region -> !region.isValid());
        loop();
        assertThat(regions).hasSize(2).last().matches(TranslatedRegion::isValid);
        assertThat(twin.hart.register(5)).as("the loop's passes, of two instructions each").isEqualTo(SLICES * SLICE);
    }
}
