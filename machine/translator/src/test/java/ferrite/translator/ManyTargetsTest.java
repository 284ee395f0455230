package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.hart.Translator;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jumps through registers, each of which has gone to all others, in several pages. */
class ManyTargetsTest {

    private static final int PAGES = 12;
    private static final int PAGE = 0x1000;
    private static final int JUMP = 0x0005_0067;       // jr x10

    private final Twins twins = new Twins();
    private final Set<Integer> places = new TreeSet<>();
    private final NotingTranslator translator = new NotingTranslator();

    /** Knows all places as targets of each jump, and all pages. */
    private Translator.Source all(Translator.Source source) {
        return new ToldSource(source, twins.translated.bus.code()::makeAt, places, pc -> 0, pc -> false);
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 36, 48})
    void aRegionWithTooManyTargetsIsMadeSmaller(int jumps) {
        for (int i = 0; i < jumps; i++) {
            places.add(Twins.CODE + i % PAGES * PAGE + i / PAGES * 4);
        }
        places.forEach(place -> twins.code(place, JUMP));
        twins.translated.hart.translate((source, pc) -> translator.translate(all(source), pc), true);
        twins.set(10, Twins.CODE + PAGE).at(Twins.CODE).run(100, "jumps");
        int size = translator.regions.get(0).parts().stream().mapToInt(part -> part.starts().cardinality()).sum();
        assertThat(size).isBetween(2, jumps - 1);
    }
}
