package ferrite.translator;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.hart.RegionRun;
import ferrite.hardware.hart.Translator;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * A hart that says what a test wants it to say of its code.
 *
 * @param hart       has the registers
 * @param pages      the page of each virtual address, or null
 * @param targets    the known targets of all jumps
 * @param executions how often the instruction at a pc was executed in the last trace
 * @param entries    whether another region has an entry at a pc
 */
record ToldSource(Translator.Source hart, IntFunction<CodePage> pages, Set<Integer> targets,
        IntUnaryOperator executions, IntPredicate entries) implements Translator.Source {

    @Override
    public RegionRun owner() {
        return hart.owner();
    }

    @Override
    public CodePage at(int va) {
        return pages.apply(va);
    }

    @Override
    public Set<Integer> targets(int pc) {
        return targets;
    }

    @Override
    public boolean oftenMisses(int pc) {
        return hart.oftenMisses(pc);
    }

    @Override
    public boolean isNarrow(int pc) {
        return hart.isNarrow(pc);
    }

    @Override
    public boolean isEntry(int pc) {
        return entries.test(pc);
    }

    @Override
    public int executions(int pc) {
        return executions.applyAsInt(pc);
    }
}
