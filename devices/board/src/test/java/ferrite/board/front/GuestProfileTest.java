package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.hart.TranslatedRegion;
import ferrite.hardware.hart.Translator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The time in which regions are made, on the machine's thread and beside it. */
class GuestProfileTest {

    private final AtomicLong nanos = new AtomicLong();
    private final GuestProfile profile = new GuestProfile(List.of(), List.of(), nanos::get);

    private void pass(long microseconds) {
        nanos.addAndGet(1000 * microseconds);
    }

    @Test
    void theThreadBesideTheMachineCounts() {
        Executor beside = profile.measure(Runnable::run);
        beside.execute(() -> pass(7));
        beside.execute(() -> pass(20));
        assertThat(profile.lines()).containsExactly("making regions 27");
    }

    @Test
    void aDraftIsMeasuredAtItsBeginningAndItsEnd() {
        Translator.Draft made = new Translator.Draft() {
            @Override
            public boolean isReady() {
                pass(100);
                return true;
            }

            @Override
            public TranslatedRegion finish() {
                pass(4);
                return null;
            }
        };
        Translator translator = profile.measure((source, pc) -> {
            pass(3);
            return made;
        });
        Translator.Draft draft = translator.translate(null, 0);
        assertThat(draft.isReady()).isTrue();
        assertThat(draft.finish()).isNull();
        assertThat(profile.summary(0)).contains("0.00 s translated", "0.00 s making regions");
        assertThat(profile.lines()).containsExactly("making regions 7");
    }
}
