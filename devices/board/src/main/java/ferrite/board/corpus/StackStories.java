package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.sched.CompletionLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToIntFunction;

/** Mistakes with locals on kernel stacks. */
final class StackStories {

    private static final int TO = Bench.TO;
    private static final int BYTES = 128;

    private StackStories() { }

    static List<Story> all() {
        List<Story> all = new ArrayList<>();
        devices(all);
        locals(all);
        return all;
    }

    private static void story(List<Story> all, String name, String rule, Story.Body body) {
        all.add(Story.of(name, rule, body));
    }

    /** Calls code with a local, or with memory of kmalloc. */
    private static void with(Bench bench, boolean local, LongToIntFunction code) {
        LongToIntFunction zeroed = va -> {
            bench.kernel.memory().fill(va, 0, BYTES);
            return code.applyAsInt(va);
        };
        if (local) {
            bench.kernel.onStack(BYTES, zeroed);
        } else {
            long va = bench.kernel.kmalloc(BYTES, Gfp.GFP_KERNEL);
            zeroed.applyAsInt(va);
            bench.kernel.kfree(va);
        }
    }

    private static void devices(List<Story> all) {
        story(all, "a command on the stack is mapped", "dma-stack", (b, k, w) -> with(b, w, command -> {
            long dma = k.dmaMapSingle(b.dev(), command, BYTES, TO);
            if (k.dmaMappingError(b.dev(), dma) == 0) {
                k.dmaUnmapSingle(b.dev(), dma, BYTES, TO);
            }
            return 0;
        }));
        story(all, "a command on the stack is mapped by its page", "dma-stack", (b, k, w) -> with(b, w, command -> {
            long page = w ? k.vmallocToPage(command) : k.virtToPage(command);
            long dma = k.dmaMapPage(b.dev(), page, (int) command & 4095, BYTES, TO);
            if (k.dmaMappingError(b.dev(), dma) == 0) {
                k.dmaUnmapPage(b.dev(), dma, BYTES, TO);
            }
            return 0;
        }));
        story(all, "an entry of a scatterlist is set to a local", "dma-stack", (b, k, w) -> with(b, w, command -> {
            long list = b.buffer(ScatterListLayout.SIZE);
            k.sgInitTable(list, 1);
            k.sgSetBuf(list, command, BYTES);
            if (k.dmaMapSg(b.dev(), list, 1, TO) == 1) {
                k.dmaUnmapSg(b.dev(), list, 1, TO);
            }
            b.free(list);
            return 0;
        }));
        story(all, "a list in a table on the stack is unmapped twice", "dma-bad-unmap", (b, k, w) -> {
            long buffer = b.buffer(BYTES);
            k.onStack(ScatterListLayout.SIZE, list -> {
                k.sgInitTable(list, 1);
                k.sgSetBuf(list, buffer, BYTES);
                if (k.dmaMapSg(b.dev(), list, 1, TO) == 1) {
                    k.dmaUnmapSg(b.dev(), list, 1, TO);
                }
                if (w) {
                    k.dmaUnmapSg(b.dev(), list, 1, TO);
                }
                return 0;
            });
            b.free(buffer);
        });
    }

    private static void locals(List<Story> all) {
        story(all, "a completion on the stack is completed after the time is up", "stack-use-after-return",
                (b, k, w) -> {
                    long timer = b.buffer(64);
                    k.onStack(CompletionLayout.SIZE, done -> {
                        k.initCompletion(done);
                        b.setTimer(data -> k.complete(done), timer, 5);
                        int left = k.waitForCompletionTimeout(done, 1);
                        if (!w) {
                            k.delTimerSync(timer);
                        }
                        return left;
                    });
                    k.msleep(40);
                    k.delTimerSync(timer);
                    b.free(timer);
                });
        story(all, "the address of a local is returned", "stack-use-after-return", (b, k, w) -> {
            long local = k.onStack(16, counter -> {
                b.store(counter, 1);
                b.store(counter, b.load(counter) + 1);
                return (int) counter;
            }) & 0xffff_ffffL;
            if (w) {
                b.load(local);
            }
        });
        story(all, "the end of a name is stored past a local", "stack-overrun", (b, k, w) ->
                k.onStack(w ? 32 : 33, name -> {
                    k.memory().fill(name, 'x', 32);
                    k.memory().store8(name + 32, 0);
                    return 0;
                }));
        story(all, "a table of two pages is a local", "stack-overflow", (b, k, w) ->
                k.onStack(w ? 8192 : 1024, table -> {
                    k.memory().fill(table, 0, 1024);
                    return 0;
                }));
    }
}
