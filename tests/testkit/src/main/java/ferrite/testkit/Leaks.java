package ferrite.testkit;

import ferrite.board.wiring.Board;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.PageOwner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The allocations at one moment, to compare with another: page blocks, objects by lookaside cache, and tasks. It only
 * peeks.
 */
record Leaks(Map<Long, String> blocks, Map<String, Long> objects, List<String> tasks) {

    static Leaks now(Board board) {
        Kernel kernel = board.kernel();
        ReadableMemory view = board.machine().peek(0);
        Map<Long, String> blocks = new LinkedHashMap<>();
        for (long pfn = kernel.mm().memMap().firstPfn(); pfn < kernel.mm().memMap().endPfn(); ) {
            long page = kernel.mm().memMap().pfnToPage(pfn);
            int flags = PageLayout.FLAGS.get(view, page);
            int order = flags == 0 ? 0 : PageLayout.ORDER.get(view, page);
            if ((flags & PageLayout.HEAD) != 0 && (flags & PageLayout.SLAB) == 0) {
                blocks.put(pfn, describe(kernel, view, pfn, order));
            }
            pfn += 1L << order;
        }
        List<String> tasks = new ArrayList<>();
        for (long task : kernel.tasks().tasks().all(view)) {
            tasks.add("task " + TaskLayout.PID.get(view, task) + " '" + TaskLayout.COMM.get(view, task) + "'");
        }
        return new Leaks(blocks, kernel.mm().kmalloc().liveObjects(view), tasks);
    }

    private static String describe(Kernel kernel, ReadableMemory view, long pfn, int order) {
        PageOwner.Owner owner = kernel.mm().owners().of(view, pfn);
        return (1 << order) + " pages at frame 0x" + Long.toHexString(pfn) + (owner == null ? ""
                : ", allocated at " + owner.site() + " by task " + owner.pid() + " '" + owner
                .task() + "' with " + Gfp.names(owner.gfp()));
    }

    /** Returns the allocations that were not in {@code before}, a line each. */
    List<String> since(Leaks before) {
        List<String> left = new ArrayList<>();
        blocks.forEach((pfn, text) -> {
            if (!before.blocks.containsKey(pfn)) {
                left.add(text);
            }
        });
        objects.forEach((cache, count) -> {
            long more = count - before.objects.getOrDefault(cache, 0L);
            if (more > 0) {
                left.add(more + " objects of " + cache);
            }
        });
        tasks.stream().filter(task -> !before.tasks.contains(task)).forEach(left::add);
        return left;
    }
}
