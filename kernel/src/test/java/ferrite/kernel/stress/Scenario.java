package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.mm.MemoryCheck;
import ferrite.kernel.mm.Zones;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A machine, and the steps of its tasks and of one interrupt handler on its allocators. All steps are known before the
 * run, so a failing run can be repeated with fewer.
 *
 * @param tasks   each task's steps
 * @param handler the handler's steps, one for each interrupt, starting over at the end; empty if no interrupts arrive
 */
record Scenario(int harts, Interleavings interleaving, long seed, String slubDebug, Faults faults,
        List<List<Step>> tasks, List<Step> handler) {

    /** The allocations that fail: none, every second one of pages, or every second one of objects. */
    enum Faults {
        NONE(""), PAGES(" fail_page_alloc=2,100,0,-1"), OBJECTS(" failslab=2,later");

        private final String words;

        Faults(String words) {
            this.words = words;
        }
    }

    private static final Family PAGES = new PageFamily();
    private static final Family KMALLOC = new KmallocFamily();
    private static final Family CACHES = new CacheFamily();
    /** A family that is listed twice is drawn twice as often. */
    static final List<Family> FAMILIES = List.of(PAGES, KMALLOC, CACHES, PAGES, KMALLOC, CACHES, new AreaFamily(),
            new PerCpuFamily(), new HighMemoryFamily(), new MempoolFamily(), new DmaPoolFamily(), new MappingFamily());

    private static final int SLOTS = 24;
    private static final int PERIOD = 3000;
    private static final List<String> SLUB_DEBUG = List.of("off", "off", "FZP", "FZPU", "F", "Z", "P");

    /**
     * Frees the slot's piece and allocates the request into the slot, if there is one.
     *
     * @param resize resizes the slot's piece to the request instead, if the family is the same and can do so
     */
    record Step(int slot, Family family, Family.Request request, boolean resize) {
        @Override
        public String toString() {
            return "slot " + slot
                    + ": " + (request == null ? "free" : (resize ? "becomes " : "") + family.describe(request));
        }
    }

    static Scenario random(long seed) {
        Random random = new Random(seed);
        int harts = 1 + random.nextInt(8);
        int tasks = 1 + random.nextInt(8);
        Faults faults = Faults.values()[Math.max(0, random.nextInt(6) - 3)];
        String slubDebug = SLUB_DEBUG.get(random.nextInt(SLUB_DEBUG.size()));
        List<List<Step>> steps = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            steps.add(steps(random, 150 + random.nextInt(250), false));
        }
        return new Scenario(harts, Interleavings.values()[random.nextInt(Interleavings.values().length)], seed,
                slubDebug, faults, steps, random.nextInt(4) == 0 ? List.of() : steps(random, 200, true));
    }

    private static List<Step> steps(Random random, int count, boolean atomic) {
        List<Step> steps = new ArrayList<>();
        List<Family> families = FAMILIES.stream().filter(family -> !atomic || family.mayBeAtomic()).toList();
        for (int i = 0; i < count; i++) {
            Family family = families.get(random.nextInt(families.size()));
            Family.Request request = random.nextInt(5) == 0 ? null : family.random(random, atomic);
            boolean resize = request != null && !atomic && family.canResize(request) && random.nextInt(4) == 0;
            steps.add(new Step(random.nextInt(atomic ? SLOTS / 3 : SLOTS),
                    request == null ? null : family, request, resize));
        }
        return steps;
    }

    long size() {
        return handler.size() + tasks.stream().mapToLong(List::size).sum();
    }

    /** Runs the scenario on a new machine. Returns the number of allocations, or throws the error. */
    long run() {
        String words = "zone_dma=" + (2 << 20) + " zone_normal=" + (14 << 20) + " swiotlb=64"
                + " call_sites=off slub_debug=" + slubDebug + faults.words + (guards() ? " guard_pages=on" : "");
        try (KernelFixture fixture = KernelFixture.options().ram(20 << 20).lowEnd(14 << 20).harts(harts)
                .interleaving(interleaving, seed).bootArguments(words).boot()) {
            return run(fixture);
        }
    }

    private long run(KernelFixture fixture) {
        AllocatorModel model = new AllocatorModel(fixture);
        MemoryCheck memory = new MemoryCheck(fixture);
        fixture.shrinkAfterRuns = true;
        fixture.run(() -> arm(fixture, false));
        fixture.run(() -> FAMILIES.stream().distinct().forEach(family -> family.prepare(fixture)));
        String before = free(fixture);
        Map<String, Long> objects = fixture.kernel().mm().caches().live(fixture.peek());
        List<AllocatorModel.Claim[]> slots = new ArrayList<>();
        tasks.forEach(each -> slots.add(new AllocatorModel.Claim[SLOTS]));
        AllocatorModel.Claim[] handlerSlots = new AllocatorModel.Claim[SLOTS];
        List<Job> jobs = new ArrayList<>();
        int[] left = {tasks.size()};
        for (int task = 0; task < tasks.size(); task++) {
            int number = task;
            jobs.add(Job.of("task-" + task, fixture.allHarts(), () -> {
                if (--left[0] == 0) {
                    arm(fixture, true);                                   // all tasks have been made
                }
                while (left[0] > 0) {
                    fixture.kernel().tasks().scheduler().schedule();
                    fixture.cpu().relax();
                }
                tasks.get(number).forEach(step -> take(model, slots.get(number), step, memory));
                if (--left[0] == -tasks.size()) {
                    arm(fixture, false);
                }
            }));
        }
        int[] interrupts = {0};
        if (handler.isEmpty()) {
            fixture.run(jobs);
        } else {
            fixture.runUnderInterrupts(PERIOD,
                    () -> take(model, handlerSlots, handler.get(interrupts[0]++ % handler.size()), memory), jobs);
        }
        memory.requireExact();
        fixture.run(() -> {
            slots.forEach(each -> freeAll(model, each));
            freeAll(model, handlerSlots);
        });
        check(model.alive() == 0, "the model still has " + model.alive() + " claims");
        memory.requireExact();
        check(free(fixture).equals(before), "other memory is free than before:\n" + before + free(fixture));
        check(fixture.kernel().mm().caches().live(fixture.peek()).equals(objects),
                "other objects are alive than before: " + objects
                        + " and " + fixture.kernel().mm().caches().live(fixture.peek()));
        check(fixture.violations.isEmpty(), "violations: " + fixture.violations);
        check(faults == Faults.NONE || size() < 200 || model.failures > 0, "no allocation failed");
        return model.allocations;
    }

    /** Whether blocks have guards; every other machine's have. */
    private boolean guards() {
        return (seed & 1) != 0;
    }

    /** Describes the free memory: block by block, or, with guards, as a number of pages. */
    private String free(KernelFixture fixture) {
        if (!guards()) {
            return fixture.proc("buddyinfo");
        }
        StringBuilder free = new StringBuilder();
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            Zones zones = fixture.kernel().mm().zones();
            free.append(Zones.name(zone)).append(' ')
                    .append(zones.free(fixture.peek(), zone) + zones.guards(fixture.peek(), zone)).append('\n');
        }
        return free.toString();
    }

    /** Call it in a task. */
    private void arm(KernelFixture fixture, boolean on) {
        if (faults == Faults.PAGES) {
            fixture.kernel().mm().pages().failures().arm(on);
        }
        fixture.kernel().mm().caches().failures().arm(on);
    }

    private static void take(AllocatorModel model, AllocatorModel.Claim[] slots, Step step, MemoryCheck memory) {
        AllocatorModel.Claim old = slots[step.slot];
        if (old != null && step.resize && old.family() == step.family && step.family.canResize(old.request())) {
            slots[step.slot] = null;
            slots[step.slot] = model.resize(old, step.request);
            return;
        }
        slots[step.slot] = null;
        if (old != null) {
            model.free(old);
        }
        if (step.request != null) {
            slots[step.slot] = model.allocate(step.family, step.request);
        }
        memory.requireReserve();
    }

    private static void freeAll(AllocatorModel model, AllocatorModel.Claim[] slots) {
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] != null) {
                AllocatorModel.Claim old = slots[slot];
                slots[slot] = null;
                model.free(old);
            }
        }
    }

    // ---- smaller scenarios ----

    /** Returns the scenario without some steps of one list. The lists are the tasks', then the handler's. */
    Scenario without(int list, int from, int count) {
        List<List<Step>> fewer = new ArrayList<>(tasks);
        List<Step> fewerOfHandler = handler;
        List<Step> cut = new ArrayList<>(list < tasks.size() ? tasks.get(list) : handler);
        cut.subList(from, Math.min(from + count, cut.size())).clear();
        if (list < tasks.size()) {
            fewer.set(list, cut);
        } else {
            fewerOfHandler = cut;
        }
        return new Scenario(harts, interleaving, seed, slubDebug, faults, fewer, fewerOfHandler);
    }

    int length(int list) {
        return list < tasks.size() ? tasks.get(list).size() : handler.size();
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("seed " + seed + ": " + harts + " harts, " + interleaving
                + ", slub_debug=" + slubDebug + faults.words);
        for (int task = 0; task < tasks.size(); task++) {
            if (!tasks.get(task).isEmpty()) {
                out.append("\n  task ").append(task).append(": ").append(tasks.get(task));
            }
        }
        return out.append(handler.isEmpty() ? "" : "\n  handler: " + handler).toString();
    }
}
