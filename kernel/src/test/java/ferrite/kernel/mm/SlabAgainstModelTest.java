package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.Seed;
import ferrite.kernel.mm.SlabModel.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random operations, from one to eight tasks on one to eight harts with an interrupt handler that allocates too, against {@link SlabModel}: overlap, alignment, zone,
 * zeroing, contents kept, accounting, leak; also with every second allocation failing. What goes wrong is made as small as it can be, and said with
 * its seed. {@code -Dferrite.operations=1000000} does that many in each run.
 */
@Timeout(value = 600)
class SlabAgainstModelTest {

    /** Of one machine; more are done on more machines. */
    private static final int OPERATIONS = 20_000;
    private static final int MACHINES = Math.max(1, Integer.getInteger("ferrite.operations", OPERATIONS) / OPERATIONS);

    private static final int[] FLAGS = {Gfp.GFP_KERNEL, Gfp.GFP_ATOMIC, Gfp.GFP_KERNEL | Gfp.GFP_DMA, Gfp.GFP_KERNEL | Gfp.__GFP_ZERO};
    private static final int MOST_HELD = 60;
    private static final int OWN_CACHES = 3;
    private static final int CACHE_SIZE = 40;
    private static final int CACHE_ALIGN = 32;

    /** One thing that a task does; which piece it is done to depends on how many there are. */
    private record Operation(int kind, int size, int gfp, int pick, int pattern) {

        static Operation random(Random random) {
            int size = switch (random.nextInt(12)) {
                case 0 -> 8193 + random.nextInt(20_000);
                case 1, 2 -> 1 + random.nextInt(8192);
                default -> 1 + random.nextInt(300);
            };
            return new Operation(random.nextInt(100), size, FLAGS[random.nextInt(FLAGS.length)], random.nextInt(1 << 16), random.nextInt(256));
        }
    }

    /** A whole run: what each task does on which hart. */
    private record Plan(int harts, Interleavings interleaving, long seed, String boot, boolean handler, List<List<Operation>> tasks) {

        int length() {
            return tasks.stream().mapToInt(List::size).sum();
        }

        Plan with(List<List<Operation>> fewer) {
            return new Plan(harts, interleaving, seed, boot, handler, fewer);
        }
    }

    /** A run of a plan on a new machine. */
    private static final class Run {

        private final Plan plan;
        private final KernelFixture fixture;
        private final SlabModel model = new SlabModel();
        private final long[] caches = new long[OWN_CACHES];
        private final List<Piece> handlers = new ArrayList<>();
        private int handled;
        private int refused;

        Run(Plan plan, KernelFixture fixture) {
            this.plan = plan;
            this.fixture = fixture;
        }

        /** What went wrong, or null. */
        static Throwable of(Plan plan) {
            try (KernelFixture fixture = KernelFixture.options().harts(plan.harts).interleaving(plan.interleaving, plan.seed).bootArguments(plan.boot).boot()) {
                new Run(plan, fixture).go();
                return null;
            } catch (AssertionError | RuntimeException wrong) {
                return wrong;
            }
        }

        private Kernel kernel() {
            return fixture.kernel();
        }

        private void go() {
            String before = fixture.accounting();
            fixture.run(() -> {
                for (int i = 0; i < OWN_CACHES; i++) {
                    caches[i] = kernel().kmemCacheCreate("own-" + i, CACHE_SIZE + i, CACHE_ALIGN, i == 1 ? SlabFlags.SLAB_HWCACHE_ALIGN : 0, 0);
                }
            });
            List<Job> jobs = new ArrayList<>();
            for (int task = 0; task < plan.tasks.size(); task++) {
                List<Operation> operations = plan.tasks.get(task);
                jobs.add(Job.of("task-" + task, fixture.allHarts(), () -> perform(operations)));
            }
            if (plan.handler) {
                fixture.runUnderInterrupts(1500, this::handle, armed(jobs));
            } else {
                fixture.run(armed(jobs));
            }
            fixture.run(() -> {
                kernel().caches().failures().arm(false);
                handlers.forEach(piece -> free(piece, 0));
                check(model.isEmpty(), "the model still has " + model.count());
                for (long cache : caches) {
                    check(kernel().kmemCacheDestroy(cache), "objects are left in a cache of which all were freed");
                }
                kernel().caches().shrinkAll();
            });
            assertThat(fixture.takeViolations()).as("violations").isEmpty();
            assertThat(fixture.accounting()).as("accounting").isEqualTo(before);
            check(!plan.boot.contains("failslab") || plan.length() < 100 || refused > plan.length() / 10, "only " + refused + " allocations failed");
        }

        /** Allocations fail from when all tasks have been made until the last one has ended. */
        private List<Job> armed(List<Job> jobs) {
            int[] running = new int[2];
            return jobs.stream().map(job -> Job.of(job.name(), job.allowed(), () -> {
                running[0]++;
                while (running[0] < jobs.size()) {
                    kernel().scheduler().schedule();
                }
                kernel().caches().failures().arm(true);
                job.body().run();
                if (++running[1] == jobs.size()) {
                    kernel().caches().failures().arm(false);
                }
            })).toList();
        }

        private void perform(List<Operation> operations) {
            List<Piece> mine = new ArrayList<>();
            for (Operation each : operations) {
                if (mine.isEmpty() || each.kind < 50 && mine.size() < MOST_HELD) {
                    allocate(each, mine);
                } else if (each.kind < 90) {
                    free(mine.remove(each.pick % mine.size()), each.kind);
                } else if (each.kind < 97) {
                    resize(each, mine);
                } else if (each.kind < 98) {
                    kernel().kmemCacheShrink(caches[each.pick % OWN_CACHES]);
                } else {
                    askForTooMuch(each);
                }
            }
            mine.forEach(piece -> free(piece, 0));
        }

        /** Of one's own caches the size says which: an object of the cache, not of kmalloc, has it negative. */
        private void allocate(Operation each, List<Piece> mine) {
            boolean own = each.kind < 12;
            int which = each.pick % OWN_CACHES;
            int size = own ? CACHE_SIZE + which : each.size;
            int gfp = own ? each.gfp & ~Gfp.__GFP_DMA : each.gfp;
            long va = own ? kernel().kmemCacheAlloc(caches[which], gfp) : kernel().kmalloc(size, gfp);
            if (va == 0) {
                refuse();
                return;
            }
            Piece piece = new Piece(va, size, each.pattern);
            int align = own ? which == 1 ? 64 : CACHE_ALIGN : alignment(size);
            model.allocated(piece, align, (gfp & Gfp.__GFP_DMA) != 0, kernel().virtToPhys(va), "seed " + plan.seed);
            if ((gfp & Gfp.__GFP_ZERO) != 0) {
                check(holds(va, size, 0), "memory that was to be zeroed is not");
            }
            fixture.memory().fill(va, each.pattern, size);
            mine.add(piece);
        }

        private static int alignment(int size) {
            int sizeClass = size <= 8 ? 8 : Integer.highestOneBit(size - 1) << 1;
            boolean between = size > 64 && size <= 96 || size > 128 && size <= 192;
            return between ? 8 : Math.min(sizeClass, AddressSpace.PAGE_SIZE);
        }

        private void refuse() {
            refused++;
            check(plan.boot.contains("failslab"), "there was no memory");
        }

        private void free(Piece piece, int how) {
            check(holds(piece.va(), piece.size(), piece.pattern()), "somebody wrote into " + piece);
            model.freed(piece);
            int which = piece.size() - CACHE_SIZE;
            boolean own = which >= 0 && which < OWN_CACHES && isOwn(piece.va(), which);
            if (own && how % 2 == 0) {
                kernel().kmemCacheFree(caches[which], piece.va());
            } else {
                kernel().kfree(piece.va());            // which takes objects of any cache, as Linux's does
            }
        }

        private boolean isOwn(long va, int which) {
            SlabView.Found found = kernel().caches().view().find(fixture.peek(), va);
            return found != null && found.cache() == caches[which];
        }

        private void resize(Operation each, List<Piece> mine) {
            int index = each.pick % mine.size();
            Piece old = mine.get(index);
            if (!holds(old.va(), old.size(), old.pattern())) {
                throw new AssertionError("somebody wrote into " + old);
            }
            model.freed(old);
            long va = kernel().krealloc(old.va(), each.size, Gfp.GFP_KERNEL);
            if (va == 0) {
                refuse();
                model.allocated(old, 1, false, 0, "kept");
                return;
            }
            int kept = Math.min(old.size(), each.size);
            check(holds(va, kept, old.pattern()), "krealloc lost what was there");
            Piece piece = new Piece(va, each.size, each.pattern);
            model.allocated(piece, 8, false, 0, "krealloc");
            fixture.memory().fill(va, each.pattern, each.size);
            mine.set(index, piece);
        }

        private void askForTooMuch(Operation each) {
            check(kernel().kcalloc(0x1_0000 + each.size, 0x1_0000, Gfp.GFP_KERNEL) == 0, "an array of more than 4 GiB");
            check(kernel().kmalloc(Kmalloc.MAX_SIZE + each.size, Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN) == 0, "more than the largest block");
            check(kernel().kmalloc(0, Gfp.GFP_KERNEL) == Kmalloc.ZERO_SIZE_PTR, "nothing at all");
        }

        private void handle() {
            handled++;
            if (handlers.size() >= 12) {
                List<Piece> given = new ArrayList<>(handlers);
                handlers.clear();
                given.forEach(piece -> free(piece, handled));
                return;
            }
            int size = 1 + handled * 37 % 500;
            long va = kernel().kmalloc(size, Gfp.GFP_ATOMIC);
            if (va == 0) {
                refuse();
                return;
            }
            Piece piece = new Piece(va, size, handled & 0xff);
            model.allocated(piece, alignment(size), false, 0, "in the handler");
            fixture.memory().fill(va, piece.pattern(), size);
            handlers.add(piece);
        }

        private boolean holds(long va, int size, int pattern) {
            byte[] bytes = new byte[size];
            fixture.memory().read(va, bytes, 0, size);
            for (byte each : bytes) {
                if (each != (byte) pattern) {
                    return false;
                }
            }
            return true;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, RR, off, 0", "4, 2, RANDOM, off, 0", "8, 8, RR, off, 0", "8, 8, PCT, off, 0", "8, 4, RANDOM, off, 2", "3, 8, PCT, off, 2",
        "1, 1, RR, FZPU, 0", "8, 8, RANDOM, FZP, 0", "4, 8, PCT, FZPU, 2", "8, 8, RANDOM, Z, 0", "4, 4, RR, P, 3"})
    void theSlabAllocatorDoesWhatTheModelSays(int tasks, int harts, Interleavings interleaving, String slubDebug, int failslab) {
        Seed seed = Seed.printed();
        for (int machine = 0; machine < MACHINES; machine++) {
            runAndShrink(tasks, harts, interleaving, slubDebug, failslab, seed, seed.random(machine * 1000 + tasks * 100 + harts));
        }
    }

    private static void runAndShrink(int tasks, int harts, Interleavings interleaving, String slubDebug, int failslab, Seed seed, Random random) {
        List<List<Operation>> all = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            List<Operation> operations = new ArrayList<>();
            for (int i = 0; i < OPERATIONS / tasks; i++) {
                operations.add(Operation.random(random));
            }
            all.add(operations);
        }
        String boot = "call_sites=off slub_debug=" + slubDebug + (failslab == 0 ? "" : " failslab=" + failslab + ",later");
        Plan plan = new Plan(harts, interleaving, random.nextInt(), boot, true, all);
        Throwable wrong = Run.of(plan);
        if (wrong != null) {
            Plan least = shrink(plan);
            fail(seed.replay(harts + " harts, " + interleaving + ", " + boot) + "\n" + wrong + "\nleast that goes wrong, handler " + least.handler + ": "
                    + least.tasks + "\n" + Run.of(least), wrong);
        }
    }

    /** Leaves out halves, quarters, eighths of a task's operations as long as something still goes wrong; for twenty seconds at most of the test's time. */
    private static Plan shrink(Plan plan) {
        long end = System.nanoTime() + 20_000_000_000L;
        Plan least = plan;
        for (int piece = Math.max(1, plan.length() / 2); piece >= 1; piece /= 2) {
            for (int task = 0; task < least.tasks.size(); task++) {
                for (int from = 0; from < least.tasks.get(task).size() && System.nanoTime() < end; ) {
                    Plan fewer = without(least, task, from, piece);
                    if (Run.of(fewer) != null) {
                        least = fewer;
                    } else {
                        from += piece;
                    }
                }
            }
        }
        return least;
    }

    private static Plan without(Plan plan, int task, int from, int piece) {
        List<List<Operation>> fewer = new ArrayList<>(plan.tasks);
        List<Operation> operations = new ArrayList<>(fewer.get(task));
        operations.subList(from, Math.min(from + piece, operations.size())).clear();
        fewer.set(task, operations);
        return plan.with(fewer);
    }

    @Test
    void aPlanThatFailsIsMadeSmaller() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            operations.add(new Operation(20, 100, Gfp.GFP_KERNEL, 0, i));
        }
        operations.add(30, new Operation(20, 5 << 20, Gfp.GFP_KERNEL, 0, 0));          // which is too large, and refused
        Plan least = shrink(new Plan(1, Interleavings.RR, 1, "", false, List.of(operations)));
        assertThat(least.length()).isEqualTo(1);
        assertThat(least.tasks.get(0).get(0).size).isEqualTo(5 << 20);
    }
}
