package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusMaster;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Regions are made beside the machine, which goes on with the interpreter until they are ready. */
class LateRegionsTest {

    private static final BusMaster LOADER = BusMaster.host("loader");
    private static final int SLICE = 100_000;
    private static final int SLICES = 600;

    private final Queue<Runnable> unmade = new ArrayDeque<>();
    private final NotingTranslator translator = new NotingTranslator(unmade::add);
    private final Twins twins = new Twins();
    private final Twins.Twin twin = twins.translated;

    private void start() {
        twins.code(Twins.CODE, 0x0012_8293,            // addi x5, x5, 1
                0xffdf_f06f);                          // j CODE
        twin.hart.translate(translator, false);
    }

    private long loop(int slices) {
        long before = twin.hart.translatedTicks();
        for (int slice = 0; slice < slices; slice++) {
            twin.clock.grant(SLICE);
            twin.hart.run();
        }
        return twin.hart.translatedTicks() - before;
    }

    private void make() {
        while (!unmade.isEmpty()) {
            unmade.remove().run();
        }
    }

    @Test
    void theInterpreterGoesOnUntilTheRegionIsMade() {
        start();
        assertThat(loop(SLICES)).isZero();
        assertThat(translator.regions).isEmpty();
        make();
        assertThat(loop(1)).isGreaterThan(SLICE * 99 / 100);
        assertThat(translator.regions).hasSize(1);
        assertThat(twin.hart.register(5)).isEqualTo((SLICES + 1) * SLICE / 2);
    }

    @Test
    void aThreadMakesTheRegionBesideTheMachine() {
        twins.code(Twins.CODE, 0x0012_8293, 0xffdf_f06f);
        twin.hart.translate(new NotingTranslator(RegionThread.executor()), false);
        int slices = SLICES;
        for (long translated = loop(SLICES); translated == 0; translated = loop(1)) {
            slices++;
        }
        assertThat(twin.hart.register(5)).isEqualTo(slices * SLICE / 2);
    }

    @Test
    void aRegionWhoseCodeHasChangedIsNotUsed() {
        start();
        loop(SLICES);
        twin.bus.store(LOADER, Twins.CODE, 4, 0x0022_8293);                 // addi x5, x5, 2
        make();
        assertThat(loop(1)).isZero();
        assertThat(translator.regions).isEmpty();
        assertThat(twin.hart.register(5)).isEqualTo(SLICES * SLICE / 2 + SLICE);
    }

    @Test
    void aRegionWhosePageWasDroppedIsNotUsed() {
        start();
        loop(SLICES);
        twin.bus.code().dropAll();
        make();
        assertThat(loop(1)).isZero();
        assertThat(translator.regions).isEmpty();
    }

    /** A host without room for the class of a region. The machine can do without regions. */
    @Test
    void withoutRoomForARegionTheInterpreterGoesOn() {
        twins.code(Twins.CODE, 0x0012_8293, 0xffdf_f06f);
        int[] tries = new int[1];
        twin.hart.translate(new NotingTranslator(work -> {
            tries[0]++;
            throw new OutOfMemoryError("of the test");
        }) {
            @Override
            public void prepare(Runnable work) { }
        }, false);
        assertThat(loop(2 * SLICES)).isZero();
        assertThat(tries[0]).isOne();
        assertThat(twin.hart.register(5)).isEqualTo(SLICES * SLICE);
    }

    @Test
    void theMemoryOfTheFirstRegionIsPreparedOnceAndBefore() {
        List<Long> prepared = new ArrayList<>();
        start();
        twin.hart.translate(new NotingTranslator(unmade::add) {
            @Override
            public void prepare(Runnable work) {
                prepared.add((long) twin.hart.register(5) / 500_000);
                work.run();
            }
        }, false);
        loop(SLICES);
        assertThat(prepared).as("million instructions").containsExactly(40L);
        assertThat(unmade).hasSize(1);
    }
}
