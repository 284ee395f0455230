package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.hart.TranslatedRegion;
import ferrite.hardware.hart.Translator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The work that is slow the first time is done in the background, before code is translated. */
class RehearsalTest {

    private static final int SLICES = 600;

    @Test
    void theProgramOfTheRehearsalIsTranslatedEachTime() {
        long ticks = Rehearsal.play(1);
        assertThat(ticks).as("nearly all of its instructions").isGreaterThan(450);
        assertThat(Rehearsal.play(3)).isGreaterThan(2 * ticks + 400);
    }

    @Test
    void theTranslatorIsPreparedOnceAndBeforeTheFirstRegion() {
        List<String> calls = new ArrayList<>();
        Twins twins = new Twins();
        twins.code(Twins.CODE, 0x0055_2023,            // sw x5, 0(x10)
                0x0005_2303,                           // lw x6, 0(x10)
                0x0013_0293,                           // addi x5, x6, 1
                0xff5f_f06f);                          // j CODE
        twins.translated.hart.setRegister(10, Twins.DATA);
        Translator translator = new BytecodeTranslator();
        twins.translated.hart.translate(new Translator() {
            @Override
            public void prepare(Runnable more) {
                more.run();
                calls.add("prepare after " + twins.translated.hart.register(5) / 250_000 + " million instructions");
            }

            @Override
            public TranslatedRegion translate(Source source, int pc) {
                calls.add("translate");
                return translator.translate(source, pc);
            }
        }, false);
        for (int slice = 0; slice < SLICES; slice++) {
            twins.translated.clock.grant(100_000);
            twins.translated.hart.run();
        }
        assertThat(calls).containsExactly("prepare after 40 million instructions", "translate");
        assertThat(twins.translated.hart.register(5)).isEqualTo(SLICES * 100_000 / 4);
    }
}
