package ferrite.kernel.mm;

import static ferrite.kernel.base.ThreadLayout.THREAD_SIZE;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskStacks;
import ferrite.kernel.shadow.Blocks;
import ferrite.kernel.shadow.MemoryStates;
import ferrite.kernel.shadow.Stacks;
import java.util.List;
import java.util.Map;

/**
 * The memory of kernel stacks: areas of vmalloc with their guard pages, as with Linux's CONFIG_VMAP_STACK. They hold
 * old bytes. Unlike Linux, a hart keeps no stacks of tasks that have ended, so that all memory is free again.
 */
public final class KernelStacks {

    private static final int PAGE = AddressSpace.PAGE_SIZE;

    private final Vmalloc vmalloc;
    private final TaskStacks tasks;
    private final MemoryStates states;

    KernelStacks(KernelBase base, Vmalloc vmalloc, TaskStacks tasks) {
        this.vmalloc = vmalloc;
        this.tasks = tasks;
        this.states = base.states();
    }

    /** Allocates a stack. May sleep. Returns its lowest address, or 0. */
    public long alloc() {
        long stack = vmalloc.stack("dup_task_struct", THREAD_SIZE);
        if (stack != 0) {
            states.stacks().allocated(stack);
        }
        return stack;
    }

    /** Frees a stack, on which no task runs any more. May sleep. */
    public void free(long stack) {
        states.stacks().freed(stack);
        vmalloc.freeStack(stack);
    }

    /** Tells the checks of all stacks, for a kernel that attaches: no function is on one. Only looks. */
    void attach(ReadableMemory view) {
        for (long stack : all(view)) {
            states.stacks().allocated(stack);
            for (long va = stack; va < stack + THREAD_SIZE; va += PAGE) {
                states.block(Blocks.Kind.STACK, 0, Pte.pa(vmalloc.peekEntry(view, va)), PAGE, PAGE);
            }
        }
    }

    /** Returns the lowest address of each stack, also of tasks that have not begun. */
    public List<Long> all(ReadableMemory view) {
        return vmalloc.view().areas(view).stream().filter(VmallocView.Area::isStack).map(VmallocView.Area::start)
                .toList();
    }

    /** Returns the pages of all stacks. */
    public long pages(ReadableMemory view) {
        return (long) all(view).size() * (THREAD_SIZE / PAGE);
    }

    /**
     * Says which stack a page of a device's buffer belongs to, and which local lies there, as a clause. Only looks.
     *
     * @return null for other memory
     */
    public String describe(ReadableMemory view, long pa) {
        Map.Entry<Long, Blocks.Block> block = states.blocks().before(pa);
        if (block == null || block.getValue().kind() != Blocks.Kind.STACK || pa - block.getKey() >= PAGE) {
            return null;
        }
        for (long stack : all(view)) {
            for (long va = stack; va < stack + THREAD_SIZE; va += PAGE) {
                if (Pte.pa(vmalloc.peekEntry(view, va)) == block.getKey()) {
                    String owner = describeVirtual(view, va + pa - block.getKey());
                    return owner == null ? "a kernel stack" : owner;
                }
            }
        }
        return "a kernel stack";
    }

    /** The same for an address on a stack; null for other addresses. */
    public String describeVirtual(ReadableMemory view, long va) {
        String stack = Vmalloc.isVmallocAddr(va) ? tasks.whose(view, va) : null;
        Stacks.Local local = stack == null ? null : states.stacks().local(va);
        return stack == null ? null : stack
                + (local == null ? "" : ": a local of " + local.bytes() + " bytes at " + local.site());
    }
}
