package ferrite.kernel.block;

import static ferrite.kernel.block.BlkdevFileLayout.ASYNC;
import static ferrite.kernel.block.BlkdevFileLayout.NEXT;
import static ferrite.kernel.block.BlkdevFileLayout.START;
import static ferrite.kernel.block.BlkdevFileLayout.WINDOW;

import ferrite.hardware.turn.KernelMemory;

/**
 * Read-ahead as in Linux's {@code mm/readahead.c}: while a file is read in the order of its bytes, a window of pages is
 * read before a task asks for them. Each window is up to twice as large as the last one, and begins when a task has
 * come to the marked page of the last one. Any other read gets the pages that it asks for.
 */
final class ReadAhead {

    private static final int PAGE_KB = 4;

    private final BlockState state;
    private final KernelMemory memory;
    private final BufferCache buffers;
    private final BlockIo io;

    ReadAhead(BlockState state, BufferCache buffers, BlockIo io) {
        this.state = state;
        this.memory = state.base().memory();
        this.buffers = buffers;
        this.io = io;
    }

    private int mostPages(long disk) {
        long queue = GendiskLayout.QUEUE.get(memory, disk);
        return RequestQueueLayout.READ_AHEAD_KB.get(memory, queue) / PAGE_KB;
    }

    /** Linux's {@code get_init_ra_size}. */
    static int firstWindow(int asked, int most) {
        int size = Integer.highestOneBit(Math.max(1, 2 * asked - 1));
        return size <= most / 32 ? size * 4 : size <= most / 4 ? size * 2 : most;
    }

    /** Linux's {@code get_next_ra_size}. */
    static int nextWindow(int size, int most) {
        return size < most / 16 ? 4 * size : size <= most / 2 ? 2 * size : most;
    }

    /**
     * {@code page_cache_sync_readahead}: begins to read pages that a task waits for, and a window behind them.
     *
     * @param file  address of a {@link BlkdevFileLayout}
     * @param index the first page, which no buffer has
     * @param last  the last page that the task asks for
     */
    void sync(long file, long disk, int index, int last) {
        int asked = last - index + 1;
        int most = mostPages(disk);
        boolean isSequential = index == 0 || index == NEXT.get(memory, file) || index + 1 == NEXT.get(memory, file);
        if (most == 0 || !isSequential) {
            read(disk, index, asked, last, -1);
            return;
        }
        boolean goesOn = WINDOW.get(memory, file) != 0
                && index == START.get(memory, file) + WINDOW.get(memory, file);
        int size = Math.max(asked > most ? asked : 1,
                goesOn ? nextWindow(WINDOW.get(memory, file), most) : firstWindow(asked, most));
        int ahead = size > asked ? size - asked : size;
        begin(file, index, size, ahead);
        read(disk, index, Math.max(size, asked), last, index + size - ahead);
    }

    /** {@code page_cache_async_readahead}: begins the next window. The task has come to a marked page. */
    void async(long file, long disk, int index) {
        int most = mostPages(disk);
        if (most == 0) {
            return;
        }
        int start = START.get(memory, file) + WINDOW.get(memory, file);
        boolean isOurs = WINDOW.get(memory, file) != 0 && index >= START.get(memory, file) && index < start;
        if (!isOurs) {                                 // another file has marked it
            start = buffers.endAt(disk, index);
        }
        int size = isOurs ? nextWindow(WINDOW.get(memory, file), most) : most;
        begin(file, start, size, size);
        read(disk, start, size, index, start);
    }

    private void begin(long file, int start, int size, int ahead) {
        START.set(memory, file, start);
        WINDOW.set(memory, file, size);
        ASYNC.set(memory, file, ahead);
    }

    /**
     * Begins to read all pages of a range that have no buffer, until memory is short.
     *
     * @param last   the last page that a task asks for
     * @param marked the page with the marked buffer; -1 for none
     */
    private void read(long disk, int first, int count, int last, int marked) {
        int end = (int) Math.min((first & 0xffff_ffffL) + count, buffers.pages(disk));
        io.plugged(() -> {
            int index = first;
            while (index < end) {
                boolean isAsked = index <= last;
                int until = isAsked ? Math.min(end, last + 1) : end;
                until = marked > index && marked < until ? marked : until;
                long buffer = buffers.make(disk, index, until - index);
                if (buffer != 0) {
                    int next = index + BufferHeadLayout.PAGES.get(memory, buffer);
                    if (marked >= index && marked < next) {
                        BufferHeadLayout.STATE.amoOr(memory, buffer, BufferHeadLayout.READAHEAD);
                    }
                    io.read(buffer, !isAsked);
                    index = next;
                } else {
                    int next = buffers.endAt(disk, index);
                    index = next == index ? end : next;
                }
            }
        });
    }
}
