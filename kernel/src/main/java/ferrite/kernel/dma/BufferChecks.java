package ferrite.kernel.dma;

import ferrite.hardware.report.Hex;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.MemoryWords;
import ferrite.kernel.shadow.MemoryStates;

/** Checks the buffers that drivers give to devices, when they give them. Only looks. */
final class BufferChecks {

    private final Violations violations;
    private final MemoryStates states;
    private final AddressSpace space;
    private final MemoryManager mm;
    private final MemoryWords words;
    private final boolean wanted;

    BufferChecks(KernelBase base, MemoryManager mm) {
        this.violations = base.violations();
        this.states = base.states();
        this.space = base.space();
        this.mm = mm;
        this.words = new MemoryWords(mm);
        this.wanted = violations.checks(Rule.DMA_BAD_BUFFER);
    }

    /** Checks that a buffer lies in one allocated object or block. */
    void check(String call, String device, long pa, long bytes) {
        if (!wanted || bytes <= 0) {
            return;
        }
        boolean low = pa + bytes <= mm.memMap().lowEndPfn() << AddressSpace.PAGE_SHIFT;
        for (long at = pa & -AddressSpace.PAGE_SIZE; low && at < pa + bytes; at += AddressSpace.PAGE_SIZE) {
            if (!states.shadow().isKnown(space.virt(at))) {
                mm.objectAccesses().resolve(space.virt(at));
            }
        }
        String problem = words.problem(violations.peek(), states.shadow(), pa, bytes);
        if (problem != null) {
            Violations.Building report = violations.of(Rule.DMA_BAD_BUFFER, call + " of " + bytes
                    + " bytes at physical " + Hex.grouped(pa) + " for " + device + ", " + problem);
            words.tell(report, violations.peek(), states.histories(), pa);
            report.line("instead", Rule.DMA_BAD_BUFFER.right()).address("pa", pa).text("device", device).report();
            long bad = low ? states.shadow().firstBad(space.virt(pa), (int) bytes) : -1;
            if (bad >= 0) {
                states.reported(bad);
                states.reported(words.objectAt(violations.peek(), bad - 1));
            }
        }
    }
}
