package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import ferrite.scenarios.DeltaDebugging;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Shrinks a program with a difference. It leaves out steps, initial values and page-table entries while the difference
 * shows. All candidates of a round run together.
 */
final class Shrinker {

    private Shrinker() { }

    static Program shrink(Program program) throws IOException, InterruptedException {
        List<Consumer<Program>> parts = parts(program);
        List<Consumer<Program>> kept = DeltaDebugging.shrink(parts, candidates ->
                Comparison.firstThatDiffers(candidates.stream().map(candidate -> with(program, parts, candidate))
                        .toList()));
        return with(program, parts, kept);
    }

    /** Returns the program with only some of its parts. */
    private static Program with(Program program, List<Consumer<Program>> parts, List<Consumer<Program>> kept) {
        Program smaller = program.copy();
        parts.stream().filter(part -> !kept.contains(part)).forEach(part -> part.accept(smaller));
        return smaller;
    }

    /** Returns the removals, steps first. */
    private static List<Consumer<Program>> parts(Program program) {
        List<Consumer<Program>> parts = new ArrayList<>();
        program.steps.forEach(step -> parts.add(smaller -> smaller.steps.remove(step)));
        for (int x = 1; x < 32; x++) {
            int register = x;
            parts.add(smaller -> smaller.x[register] = slot -> 0);
        }
        for (int bit = 0; bit < 32; bit++) {
            int mask = 1 << bit;
            if ((program.mstatus & mask & ~Csrs.MPP) != 0) {
                parts.add(smaller -> smaller.mstatus &= ~mask);
            }
        }
        parts.add(smaller -> smaller.machineVectored = false);
        parts.add(smaller -> smaller.supervisorVectored = false);
        entries(program.leaves, parts, smaller -> smaller.leaves);
        entries(program.data, parts, smaller -> smaller.data);
        program.oddRoots().forEach(index -> parts.add(smaller -> {
            smaller.root.remove(index);
            smaller.otherRoot.remove(index);
        }));
        program.removableCsrs().forEach(csr -> parts.add(smaller -> smaller.csrs.remove(csr)));
        return parts;
    }

    private static void entries(Map<Integer, ?> map, List<Consumer<Program>> parts,
            Function<Program, Map<Integer, ?>> in) {
        map.keySet().forEach(key -> parts.add(smaller -> in.apply(smaller).remove(key)));
    }
}
