package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Makes a program on which QEMU and Ferrite differ as small as it can: leaves out steps, initial values and page-table entries while they
 * still differ (delta debugging; all candidates of a round run together).
 */
final class Shrinker {

    private Shrinker() { }

    static Program shrink(Program program) throws IOException, InterruptedException {
        List<Consumer<Program>> kept = parts(program);
        List<Consumer<Program>> gone = new ArrayList<>();
        int pieces = 2;
        while (!kept.isEmpty()) {
            pieces = Math.min(pieces, kept.size());
            List<List<Consumer<Program>>> chunks = chunks(kept, pieces);
            int found = firstThatDiffers(program, gone, chunks);
            if (found >= 0) {
                gone.addAll(chunks.get(found));
                kept.removeAll(chunks.get(found));
                pieces = Math.max(2, pieces - 1);
            } else if (pieces == kept.size()) {
                break;
            } else {
                pieces *= 2;
            }
        }
        return without(program, gone, List.of());
    }

    private static List<List<Consumer<Program>>> chunks(List<Consumer<Program>> parts, int pieces) {
        List<List<Consumer<Program>>> chunks = new ArrayList<>();
        for (int n = 0; n < pieces; n++) {
            chunks.add(List.copyOf(parts.subList(parts.size() * n / pieces, parts.size() * (n + 1) / pieces)));
        }
        return chunks;
    }

    private static int firstThatDiffers(Program program, List<Consumer<Program>> gone, List<List<Consumer<Program>>> chunks)
            throws IOException, InterruptedException {
        List<Program> candidates = chunks.stream().map(chunk -> without(program, gone, chunk)).toList();
        return Comparison.firstThatDiffers(candidates);
    }

    private static Program without(Program program, List<Consumer<Program>> gone, List<Consumer<Program>> chunk) {
        Program smaller = program.copy();
        gone.forEach(part -> part.accept(smaller));
        chunk.forEach(part -> part.accept(smaller));
        return smaller;
    }

    /** Ways to take something out, steps first. */
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

    private static void entries(Map<Integer, ?> map, List<Consumer<Program>> parts, Function<Program, Map<Integer, ?>> in) {
        map.keySet().forEach(key -> parts.add(smaller -> in.apply(smaller).remove(key)));
    }
}
