package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A trace counts what it is told, and forgets it when it begins anew. */
class TraceTest {

    private final Seed seed = Seed.fresh();

    @Test
    void everyInstructionIsCounted() {
        Trace trace = new Trace();
        for (int round = 0; round < 3; round++) {
            Random random = seed.random(round);
            Map<Integer, Integer> counts = new HashMap<>();
            trace.begin();
            while (trace.isRunning()) {
                int pc = round == 0 ? random.nextInt() : 0x8000_0000 + 2 * random.nextInt(1000);
                counts.merge(pc, 1, Integer::sum);
                trace.note(pc);
            }
            assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(Trace.LENGTH);
            counts.forEach((pc, count) -> assertThat(trace.executions(pc)).as(seed.replay("pc " + pc))
                    .isEqualTo(count));
            assertThat(trace.executions(1)).as("an odd pc").isEqualTo(counts.getOrDefault(1, 0));
        }
    }
}
