package ferrite.kernel.dma;

import ferrite.hardware.report.Hex;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.KernelStacks;
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
    private final KernelStacks stacks;
    private final boolean wanted;

    BufferChecks(KernelBase base, MemoryManager mm) {
        this.violations = base.violations();
        this.states = base.states();
        this.space = base.space();
        this.mm = mm;
        this.words = new MemoryWords(mm);
        this.stacks = mm.stacks();
        this.wanted = violations.checks(Rule.DMA_BAD_BUFFER);
    }

    /** Checks that a buffer lies in one allocated object or block. */
    void check(String call, String device, long pa, long bytes) {
        if (bytes <= 0 || isOnStack(call, device, pa, bytes) || !wanted) {
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

    /** Names the kernel stack on which an address lies, and the local there; null for other addresses. */
    String stackAt(long va) {
        return stacks.describeVirtual(violations.peek(), va);
    }

    /** Reports that a list of buffers gets memory of a kernel stack. Returns whether the rule is checked. */
    boolean reportStack(String message) {
        boolean told = violations.checks(Rule.DMA_STACK);
        if (told) {
            violations.of(Rule.DMA_STACK, message).line("instead", Rule.DMA_STACK.right()).report();
        }
        return told;
    }

    /** Checks that a buffer is not on a kernel stack. Returns whether it is. */
    private boolean isOnStack(String call, String device, long pa, long bytes) {
        String stack = violations.checks(Rule.DMA_STACK) ? stacks.describe(violations.peek(), pa) : null;
        if (stack != null) {
            violations.of(Rule.DMA_STACK, call + " of " + bytes + " bytes at physical " + Hex.grouped(pa) + " for "
                    + device + ", which is memory of " + stack).line("instead", Rule.DMA_STACK.right())
                    .address("pa", pa).text("device", device).report();
        }
        return stack != null;
    }
}
