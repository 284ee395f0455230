package ferrite.kernel.shell;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one file with several tasks. Each of N readers reads every N-th piece into its own buffer, and one taker takes
 * the pieces in order. A reader and the taker share a record in RAM, and wait for each other on its two queues.
 */
final class Readers {

    static final int MAX_READERS = 8;

    private static final int BUFFER_ORDER = 4;
    private static final int MAX_PATH = 200;

    /** Layout of a reader's record. */
    private static final int FULL = 0;
    /** Bytes in the buffer, 0 at the end of the file, or a negative errno. */
    private static final int LENGTH = 4;
    private static final int BUFFER = 8;
    private static final int INDEX = 12;
    private static final int STRIDE = 16;
    private static final int STOP = 20;
    private static final int FILLED = 24;
    private static final int EMPTIED = FILLED + WaitQueueLayout.SIZE;
    private static final int TASK = EMPTIED + WaitQueueLayout.SIZE;
    private static final int FILE_BYTES = TASK + 4;
    private static final int PATH = FILE_BYTES + 8;
    private static final int SIZE = PATH + MAX_PATH;

    private final Kernel kernel;
    private final KernelMemory memory;
    private final long entry;

    Readers(Kernel kernel, TextTable.Module text) {
        this.kernel = kernel;
        this.memory = kernel.base().memory();
        this.entry = text.add("reader", (TaskEntry) this::read);
    }

    /** Reads all pieces of a file with {@code tasks} readers, as {@link FilePieces#forEach} does with one. */
    int forEach(CommandContext context, String path, int tasks, FilePieces.Piece piece) {
        if (path.length() >= MAX_PATH) {
            return context.fail(path + ": File name too long");
        }
        List<Long> readers = new ArrayList<>();
        int length = 1;
        try {
            for (int index = 0; index < tasks && length > 0; index++) {
                long reader = start(path, index, tasks);
                if (reader == 0) {
                    length = -Errno.ENOMEM;
                } else {
                    readers.add(reader);
                }
            }
            for (int turn = 0; length > 0; turn++) {
                length = takeFrom(context, readers.get(turn % tasks), piece);
            }
        } finally {
            stop(readers);
        }
        return length < 0 ? context.fail(path, length) : 0;
    }

    /**
     * Takes the next piece of a reader. Only the taker takes signals; the readers act as its threads, and stop when it
     * tells them.
     */
    private int takeFrom(CommandContext context, long reader, FilePieces.Piece piece) {
        kernel.tasks().waitQueues().waitEventInterruptible(reader + FILLED, () -> memory.load32(reader + FULL) != 0);
        context.userBoundary();
        if (memory.load32(reader + INDEX) == 0) {
            piece.expect(memory.load64(reader + FILE_BYTES));
        }
        int length = memory.load32(reader + LENGTH);
        if (length > 0) {
            piece.take(memory.loadAddress(reader + BUFFER), length);
            memory.store32(reader + FULL, 0);
            kernel.tasks().waitQueues().wakeOne(reader + EMPTIED);
        }
        return length;
    }

    private long start(String path, int index, int stride) {
        long reader = kernel.calls().kzalloc(SIZE, Gfp.GFP_KERNEL);
        long buffer = reader == 0 ? 0 : kernel.calls().__getFreePages(Gfp.GFP_KERNEL, BUFFER_ORDER);
        if (buffer == 0) {
            kernel.calls().kfree(reader);
            return 0;
        }
        memory.storeAddress(reader + BUFFER, buffer);
        memory.store32(reader + INDEX, index);
        memory.store32(reader + STRIDE, stride);
        memory.storeString(reader + PATH, path, MAX_PATH);
        kernel.tasks().waitQueues().init(reader + FILLED);
        kernel.tasks().waitQueues().init(reader + EMPTIED);
        long task = kernel.tasks().tasks().create("reader/" + index, entry, reader, 1 << index % kernel.base().harts());
        memory.storeAddress(reader + TASK, task);
        if (task == 0) {
            free(reader);
            return 0;
        }
        return reader;
    }

    private void stop(List<Long> readers) {
        for (long reader : readers) {
            memory.store32(reader + STOP, 1);
            kernel.tasks().waitQueues().wakeOne(reader + EMPTIED);
        }
        for (long reader : readers) {
            kernel.tasks().tasks().waitFor(memory.loadAddress(reader + TASK));
            free(reader);
        }
    }

    private void free(long reader) {
        kernel.calls().freePages(memory.loadAddress(reader + BUFFER), BUFFER_ORDER);
        kernel.calls().kfree(reader);
    }

    // ---- a reader's task ----

    private int read(long reader) {
        int descriptor = kernel.files().open(memory.loadString(reader + PATH, MAX_PATH));
        if (descriptor < 0) {
            fill(reader, descriptor);
            return 1;
        }
        memory.store64(reader + FILE_BYTES, kernel.files().size(descriptor));
        long position = (long) memory.load32(reader + INDEX) * CommandContext.BUFFER_BYTES;
        long step = (long) memory.load32(reader + STRIDE) * CommandContext.BUFFER_BYTES;
        int length;
        do {
            kernel.files().seek(descriptor, position);
            length = kernel.files().read(descriptor, memory.loadAddress(reader + BUFFER), CommandContext.BUFFER_BYTES);
            fill(reader, length);
            kernel.tasks().waitQueues().waitEvent(reader + EMPTIED, () -> memory.load32(reader + FULL) == 0 || memory.load32(reader + STOP) != 0);
            position += step;
        } while (length > 0 && memory.load32(reader + STOP) == 0);
        kernel.files().close(descriptor);
        return length < 0 ? 1 : 0;
    }

    private void fill(long reader, int length) {
        memory.store32(reader + LENGTH, length);
        memory.store32(reader + FULL, 1);
        kernel.tasks().waitQueues().wakeOne(reader + FILLED);
    }
}
