package ferrite.kernel.shell;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.Fcntl;
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

    private static final int SIZE = 260;

    /** A reader's record. */
    static final Struct STRUCT = Struct.of("reader", SIZE);

    private static final Word FULL = STRUCT.u32("full", 0);
    /** Bytes in the buffer, 0 at the end of the file, or a negative errno. */
    private static final Word LENGTH = STRUCT.s32("length", 4);
    private static final Pointer BUFFER = STRUCT.pointer("buffer", 8, "void");
    private static final Word INDEX = STRUCT.u32("index", 12);
    private static final Word STRIDE = STRUCT.u32("stride", 16);
    private static final Word STOP = STRUCT.u32("stop", 20);
    private static final Embedded FILLED = STRUCT.embedded("filled", 24, WaitQueueLayout.STRUCT);
    private static final Embedded EMPTIED = STRUCT.embedded("emptied", FILLED.end(), WaitQueueLayout.STRUCT);
    private static final Pointer TASK = STRUCT.pointer("task", EMPTIED.end(), "struct task_struct");
    private static final U64 FILE_BYTES = STRUCT.u64("file_bytes", TASK.end());
    private static final Text PATH = STRUCT.text("path", FILE_BYTES.end(), MAX_PATH);

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
        kernel.tasks().sleep().waitEventInterruptible(FILLED.at(reader), () -> FULL.get(memory, reader) != 0);
        context.userBoundary();
        if (INDEX.get(memory, reader) == 0) {
            piece.expect(FILE_BYTES.get(memory, reader));
        }
        int length = LENGTH.get(memory, reader);
        if (length > 0) {
            piece.take(BUFFER.get(memory, reader), length);
            FULL.set(memory, reader, 0);
            kernel.tasks().waitQueues().wakeUp(EMPTIED.at(reader));
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
        BUFFER.set(memory, reader, buffer);
        INDEX.set(memory, reader, index);
        STRIDE.set(memory, reader, stride);
        PATH.set(memory, reader, path);
        kernel.tasks().waitQueues().init(FILLED.at(reader));
        kernel.tasks().waitQueues().init(EMPTIED.at(reader));
        long task = kernel.tasks().tasks().createHelper("reader/" + index, entry, reader,
                1 << index % kernel.base().harts());
        TASK.set(memory, reader, task);
        if (task == 0) {
            free(reader);
            return 0;
        }
        return reader;
    }

    private void stop(List<Long> readers) {
        for (long reader : readers) {
            STOP.set(memory, reader, 1);
            kernel.tasks().waitQueues().wakeUp(EMPTIED.at(reader));
        }
        for (long reader : readers) {
            kernel.tasks().tasks().waitFor(TASK.get(memory, reader));
            free(reader);
        }
    }

    private void free(long reader) {
        kernel.calls().freePages(BUFFER.get(memory, reader), BUFFER_ORDER);
        kernel.calls().kfree(reader);
    }

    // ---- a reader's task ----

    private int read(long reader) {
        int descriptor = kernel.files().open(PATH.get(memory, reader), Fcntl.O_RDONLY);
        if (descriptor < 0) {
            fill(reader, descriptor);
            return 1;
        }
        FILE_BYTES.set(memory, reader, kernel.files().size(descriptor));
        long position = (long) INDEX.get(memory, reader) * CommandContext.BUFFER_BYTES;
        long step = (long) STRIDE.get(memory, reader) * CommandContext.BUFFER_BYTES;
        int length;
        do {
            boolean isPastEnd = kernel.files().lseek(descriptor, position, Fcntl.SEEK_SET) == -Errno.EINVAL;
            length = isPastEnd ? 0
                    : kernel.files().read(descriptor, BUFFER.get(memory, reader), CommandContext.BUFFER_BYTES);
            fill(reader, length);
            kernel.tasks().sleep().waitEvent(EMPTIED.at(reader),
                    () -> FULL.get(memory, reader) == 0 || STOP.get(memory, reader) != 0);
            position += step;
        } while (length > 0 && STOP.get(memory, reader) == 0);
        kernel.files().close(descriptor);
        return length < 0 ? 1 : 0;
    }

    private void fill(long reader, int length) {
        LENGTH.set(memory, reader, length);
        FULL.set(memory, reader, 1);
        kernel.tasks().waitQueues().wakeUp(FILLED.at(reader));
    }
}
