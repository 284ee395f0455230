package ferrite.testkit;

import ferrite.board.wiring.Board;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.mm.SlabView;
import ferrite.kernel.shadow.Histories;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The allocations at one moment, to compare with another: page blocks, objects by lookaside cache, and tasks. Workers,
 * which the kernel starts when there is work for them, and keeps, are left out with their stacks. It only peeks.
 *
 * @param workers the stacks that were left out
 */
record Leaks(Map<Long, Block> blocks, Map<String, Long> objects, Map<Long, Histories.History> lines,
        List<String> tasks, int workers) {

    private static final int STACK_PAGES = 2;
    /** The caches of a task, and of the area of its stack. */
    private static final List<String> PARTS_OF_A_WORKER = List.of("task_struct", "vmap_area");
    /** The text of a page of a stack that a worker has allocated: for another worker. */
    private static final String OF_A_WORKER = "1 pages .* allocated at KernelServices\\.java:.* 'kworker/.*";

    /**
     * A block of pages.
     *
     * @param site the line that allocated it, or null
     */
    record Block(String text, String site) { }

    static Leaks now(Board board) {
        Kernel kernel = board.kernel();
        ReadableMemory view = board.machine().peek(0);
        List<Long> workers = kernel.tasks().tasks().all(view).stream().filter(task -> isWorker(view, task)).toList();
        Set<Long> stacks = new HashSet<>();
        workers.forEach(task -> addStack(board, TaskLayout.STACK.get(view, task), stacks));
        Map<Long, Block> blocks = new LinkedHashMap<>();
        for (long pfn = kernel.mm().memMap().firstPfn(); pfn < kernel.mm().memMap().endPfn(); ) {
            long page = kernel.mm().memMap().pfnToPage(pfn);
            int flags = PageLayout.FLAGS.get(view, page);
            int order = flags == 0 ? 0 : PageLayout.ORDER.get(view, page);
            if ((flags & PageLayout.HEAD) != 0 && (flags & PageLayout.SLAB) == 0) {
                Block block = describe(kernel, view, pfn, order);
                if (block.text.matches(OF_A_WORKER)) { // the stack of one that has not begun
                    stacks.add(pfn);
                }
                if (!stacks.contains(pfn)) {
                    blocks.put(pfn, block);
                }
            }
            pfn += 1L << order;
        }
        List<String> tasks = new ArrayList<>();
        for (long task : kernel.tasks().tasks().all(view)) {
            if (workers.contains(task)) {
                continue;
            }
            tasks.add("task " + TaskLayout.PID.get(view, task) + " '" + TaskLayout.COMM.get(view, task) + "'");
        }
        return new Leaks(blocks, kernel.mm().kmalloc().liveObjects(view), linesOfObjects(kernel, view), tasks,
                stacks.size() / STACK_PAGES);
    }

    /** Returns whether a task is a worker that has run. */
    private static boolean isWorker(ReadableMemory view, long task) {
        return TaskLayout.COMM.get(view, task).startsWith("kworker/") && TaskLayout.STACK.get(view, task) != 0;
    }

    private static void addStack(Board board, long stack, Set<Long> frames) {
        for (int i = 0; i < STACK_PAGES; i++) {
            frames.add(board.machine().peek(0).translate(stack + (long) i * AddressSpace.PAGE_SIZE)
                    >> AddressSpace.PAGE_SHIFT);
        }
    }

    /** Returns the lines that allocated the objects that are allocated now, by address, as far as they were noted. */
    private static Map<Long, Histories.History> linesOfObjects(Kernel kernel, ReadableMemory view) {
        Map<Long, Histories.History> lines = kernel.base().states().histories().notFreed();
        lines.keySet().removeIf(object -> {
            SlabView.Found found = kernel.mm().caches().view().find(view, object);
            return found == null || found.object() != object || !found.allocated();
        });
        return lines;
    }

    private static Block describe(Kernel kernel, ReadableMemory view, long pfn, int order) {
        PageOwner.Owner owner = kernel.mm().owners().of(view, pfn);
        return new Block((1 << order) + " pages at frame 0x" + Long.toHexString(pfn) + (owner == null ? ""
                : ", allocated at " + owner.site() + " by task " + owner.pid() + " '" + owner
                .task() + "' with " + Gfp.names(owner.gfp())), owner == null ? null : owner.site());
    }

    /** Returns the memory that was allocated in a file after {@code before}, a line each. */
    List<String> since(Leaks before, SourcePlace file) {
        List<String> left = new ArrayList<>();
        blocks.forEach((pfn, block) -> {
            if (!before.blocks.containsKey(pfn) && file.contains(block.site)) {
                left.add(block.text);
            }
        });
        lines.forEach((object, history) -> {
            if (before.lines.get(object) != history && file.contains(history.allocated())) {
                left.add("an object at " + Hex.address(object) + ", allocated at " + history.allocated());
            }
        });
        return left;
    }

    /** Returns the allocations that were not in {@code before}, a line each. */
    List<String> since(Leaks before) {
        List<String> left = new ArrayList<>();
        blocks.forEach((pfn, block) -> {
            if (!before.blocks.containsKey(pfn)) {
                left.add(block.text);
            }
        });
        objects.forEach((cache, count) -> {
            int ofWorkers = PARTS_OF_A_WORKER.contains(cache) ? workers - before.workers : 0;
            long more = count - before.objects.getOrDefault(cache, 0L) - ofWorkers;
            if (more > 0) {
                left.add(more + " objects of " + cache);
            }
        });
        tasks.stream().filter(task -> !before.tasks.contains(task)).forEach(left::add);
        return left;
    }
}
