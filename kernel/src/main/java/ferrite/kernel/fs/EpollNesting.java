package ferrite.kernel.fs;

import static ferrite.kernel.fs.EpollItemLayout.EPOLL;
import static ferrite.kernel.fs.EpollItemLayout.FILE;
import static ferrite.kernel.fs.EpollItemLayout.NEXT_WATCHER;
import static ferrite.kernel.fs.EpollItemLayout.NODE;
import static ferrite.kernel.fs.EventPollLayout.ITEMS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import java.util.function.LongConsumer;

/**
 * The limits of epoll files that watch each other. A wake-up follows every way from a file up to the epoll files that
 * no other one watches, with interrupts off. So there are no loops, no long ways, and not too many. The caller holds
 * the mutex of all epoll files.
 */
final class EpollNesting {

    /** Linux's manual: the nesting is at most 5 deep, which makes a chain of 6 epoll files. */
    private static final int MAX_CHAIN = 6;
    /** Linux's largest element of {@code path_limits}. */
    private static final int MAX_WAYS = 1000;

    private final KernelMemory memory;
    private final long operations;

    /** @param operations those of epoll files */
    EpollNesting(KernelMemory memory, long operations) {
        this.memory = memory;
        this.operations = operations;
    }

    /** Returns whether an epoll file may watch another one. */
    boolean allows(long watcher, long watched) {
        Walk down = new Walk(watcher, false);
        down.visit(watched, 1);
        Walk up = new Walk(watched, true);
        up.visit(watcher, 1);
        int chain = down.longest + up.longest;
        up.othersOf(watched);
        return !down.ended && !up.ended && chain <= MAX_CHAIN && down.ways * up.ways <= MAX_WAYS;
    }

    /** A walk over all ways that begin at an epoll file, down to the watched files or up to the watchers. */
    private final class Walk {

        private final long forbidden;
        private final boolean up;
        private int longest;
        private int ways;
        /** Whether the walk has met the forbidden file, or too much. */
        private boolean ended;

        Walk(long forbidden, boolean up) {
            this.forbidden = forbidden;
            this.up = up;
        }

        void visit(long epoll, int depth) {
            ways++;
            longest = Math.max(longest, depth);
            ended |= epoll == forbidden || depth >= MAX_CHAIN || ways > MAX_WAYS;
            LongConsumer each = next -> visit(next, depth + 1);
            if (ended) {
                return;
            }
            if (up) {
                forWatchers(epoll, each);
            } else {
                forWatched(epoll, each);
            }
        }

        /** Adds the ways of the watchers that an epoll file has already. */
        void othersOf(long epoll) {
            forWatchers(epoll, next -> visit(next, 1));
        }

        private void forWatchers(long epoll, LongConsumer each) {
            long item = FileLayout.WATCHERS.get(memory, EventPollLayout.FILE.get(memory, epoll));
            for (; item != 0 && !ended; item = NEXT_WATCHER.get(memory, item)) {
                each.accept(EPOLL.get(memory, item));
            }
        }

        private void forWatched(long epoll, LongConsumer each) {
            long head = ITEMS.at(epoll);
            for (long node = ListHead.first(memory, head); node != head && !ended; node = ListHead.next(memory, node)) {
                long file = FILE.get(memory, NODE.containerOf(node));
                if (FileLayout.OPERATIONS.get(memory, file) == operations) {
                    each.accept(FileLayout.DATA.get(memory, file));
                }
            }
        }
    }
}
