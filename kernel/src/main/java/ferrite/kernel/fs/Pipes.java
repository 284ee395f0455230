package ferrite.kernel.fs;

import static ferrite.kernel.fs.PipeLayout.BUFFER;
import static ferrite.kernel.fs.PipeLayout.FILES;
import static ferrite.kernel.fs.PipeLayout.HEAD;
import static ferrite.kernel.fs.PipeLayout.MUTEX;
import static ferrite.kernel.fs.PipeLayout.RD_WAIT;
import static ferrite.kernel.fs.PipeLayout.READERS;
import static ferrite.kernel.fs.PipeLayout.TAIL;
import static ferrite.kernel.fs.PipeLayout.WRITERS;
import static ferrite.kernel.fs.PipeLayout.WR_WAIT;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.Word;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.UserMemory;
import java.util.function.BooleanSupplier;

/** Pipes: what is written to one end can be read at the other one, in order. */
final class Pipes {

    private static final int BUFFER_ORDER = 4;
    private static final int CAPACITY = AddressSpace.PAGE_SIZE << BUFFER_ORDER;
    /** POSIX's {@code PIPE_BUF}: a write of at most so many bytes is not mixed with others. */
    private static final int ATOMIC = AddressSpace.PAGE_SIZE;
    private static final int SIGPIPE = 13;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TaskSystem tasks;
    private final MemoryManager mm;
    private final UserMemory user;
    private final Polling polling;
    private final long readEnd;
    private final long writeEnd;

    Pipes(KernelBase base, TaskSystem tasks, MemoryManager mm, UserMemory user, Polling polling,
            TextTable.Module module) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.tasks = tasks;
        this.mm = mm;
        this.user = user;
        this.polling = polling;
        this.readEnd = module.add("pipe_read_fops", new ReadEnd());
        this.writeEnd = module.add("pipe_write_fops", new WriteEnd());
    }

    /** The operations on the end that is read, and on the other one. */
    long readEnd() {
        return readEnd;
    }

    long writeEnd() {
        return writeEnd;
    }

    /** Returns whether an open file is the end of a pipe that is written. */
    boolean isWriteEnd(long file) {
        return FileLayout.OPERATIONS.get(memory, file) == writeEnd;
    }

    /** Returns whether an open file is one of a pipe's. */
    boolean isEnd(long file) {
        long operations = FileLayout.OPERATIONS.get(memory, file);
        return operations == readEnd || operations == writeEnd;
    }

    /** Makes a pipe with no open end. May sleep. Returns 0 without memory. */
    long create() {
        long pipe = mm.kmalloc().kzalloc(PipeLayout.SIZE, Gfp.GFP_KERNEL);
        long buffer = pipe == 0 ? 0 : mm.pages().getFreePages(Gfp.GFP_KERNEL, BUFFER_ORDER);
        if (buffer == 0) {
            mm.kmalloc().kfree(pipe);
            return 0;
        }
        BUFFER.set(memory, pipe, buffer);
        tasks.mutexes().init(MUTEX.at(pipe));
        tasks.waitQueues().init(RD_WAIT.at(pipe));
        tasks.waitQueues().init(WR_WAIT.at(pipe));
        return pipe;
    }

    /** Frees a pipe with no open end. */
    void free(long pipe) {
        mm.pages().freePagesAt(BUFFER.get(memory, pipe), BUFFER_ORDER);
        mm.kmalloc().kfree(pipe);
    }

    private int used(long pipe) {
        return HEAD.get(memory, pipe) - TAIL.get(memory, pipe);
    }

    private boolean isOpen(long pipe, Word ends) {
        return ends.get(memory, pipe) != 0;
    }

    private void releaseEnd(long file, Word ends) {
        long pipe = FileLayout.DATA.get(memory, file);
        tasks.mutexes().lock(MUTEX.at(pipe));
        ends.add(memory, pipe, -1);
        if (isOpen(pipe, READERS) || isOpen(pipe, WRITERS)) {
            tasks.waitQueues().wakeUpAll(RD_WAIT.at(pipe));
            tasks.waitQueues().wakeUpAll(WR_WAIT.at(pipe));
        }
        tasks.mutexes().unlock(MUTEX.at(pipe));
        if (FILES.amoAdd(memory, pipe, -1) == 1) {     // the last one: no other hart still unlocks the mutex
            free(pipe);
        }
    }

    private int openEnd(long file, Word ends) {
        FileLayout.MODE.set(memory, file, FileLayout.MODE.get(memory, file) & ~Fcntl.FMODE_LSEEK);
        long pipe = FileLayout.DATA.get(memory, file);
        ends.add(memory, pipe, 1);
        FILES.amoAdd(memory, pipe, 1);
        return 0;
    }

    /** Waits for room or bytes. Returns 0, or a negative errno. */
    private int await(long file, long queue, BooleanSupplier condition) {
        return (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) != 0 ? -Errno.EAGAIN
                : (int) Math.min(0, tasks.sleep().atRestartPoint(queue, condition, Sleep.FOREVER, false));
    }

    /** {@code writev}: writes pieces of the program's memory as one. Returns as {@code write} does. */
    int writePieces(long file, int[] vectors) {
        long all = 0;
        for (int i = 1; i < vectors.length; i += 2) {
            all += vectors[i];
        }
        return write(file, (int) all, (at, done, bytes) -> copyPieces(at, vectors, done, bytes));
    }

    /** Copies bytes of the pieces, from a place in all of them on. Returns the number that was not copied. */
    private int copyPieces(long at, int[] vectors, int from, int bytes) {
        int skipped = from;
        int done = 0;
        for (int i = 0; i < vectors.length && done < bytes; i += 2) {
            int length = Math.max(0, Math.min(vectors[i + 1] - skipped, bytes - done));
            int left = length == 0 ? 0
                    : user.copyFromUser(at + done, (vectors[i] & 0xffff_ffffL) + skipped, length);
            done += length - left;
            if (left != 0) {
                return bytes - done;
            }
            skipped = Math.max(0, skipped - vectors[i + 1]);
        }
        return bytes - done;
    }

    /** Writes bytes. A wait has no effects, but for the bytes before it, which the task's record counts. */
    private int write(long file, int count, Piece from) {
        long pipe = FileLayout.DATA.get(memory, file);
        int done = TaskLayout.CALL_DONE.get(memory, cpu.tp());
        while (done < count) {
            int before = done;
            int needed = count <= ATOMIC ? count : 1;
            int result = awaitRoom(file, pipe, needed);
            result = result < 0 ? result : put(pipe, count - done, needed,
                    (at, to, bytes) -> from.copy(at, before + to, bytes));
            if (result == -Errno.ERESTART_WAIT) {
                TaskLayout.CALL_DONE.set(memory, cpu.tp(), done);
                return result;
            }
            if (result < 0) {
                return done == 0 ? result : done;
            }
            done += result;
        }
        return done;
    }

    private int awaitRoom(long file, long pipe, int needed) {
        int waited = 0;
        if (CAPACITY - used(pipe) < needed && isOpen(pipe, READERS)) {
            waited = await(file, WR_WAIT.at(pipe), () -> CAPACITY - used(pipe) >= needed || !isOpen(pipe, READERS));
        }
        if (waited != -Errno.ERESTART_WAIT && !isOpen(pipe, READERS)) {
            tasks.signals().send(cpu.tp(), SIGPIPE);
            return -Errno.EPIPE;
        }
        return waited;
    }

    /** Copies bytes into the pipe, if it has room for the needed ones. Returns their number, or an errno. */
    private int put(long pipe, int count, int needed, Piece from) {
        tasks.mutexes().lock(MUTEX.at(pipe));
        int room = CAPACITY - used(pipe);
        int length = room < needed ? 0 : Math.min(count, room);
        int done = carry(pipe, HEAD, length, from);
        tasks.mutexes().unlock(MUTEX.at(pipe));
        tasks.waitQueues().wakeUpAll(RD_WAIT.at(pipe));
        return done;
    }

    /** A copy between a place of the buffer and a program. */
    @FunctionalInterface
    private interface Piece {

        /** Returns the number of bytes that were not copied. */
        int copy(long at, int done, int bytes);
    }

    /** Copies bytes from a position of the buffer on. Returns their number, or {@code -EFAULT} for none. */
    private int carry(long pipe, Word position, int length, Piece piece) {
        int done = 0;
        while (done < length) {
            int at = position.get(memory, pipe) & CAPACITY - 1;
            int bytes = Math.min(length - done, CAPACITY - at);
            int left = piece.copy(BUFFER.get(memory, pipe) + at, done, bytes);
            position.add(memory, pipe, bytes - left);
            done += bytes - left;
            if (left != 0) {
                return done == 0 ? -Errno.EFAULT : done;
            }
        }
        return done;
    }

    private final class ReadEnd implements FileOperations {

        @Override
        public int open(long file) {
            return openEnd(file, READERS);
        }

        @Override
        public int read(long file, long to, int count, long position) {
            long pipe = FileLayout.DATA.get(memory, file);
            while (count > 0) {
                if (used(pipe) == 0 && isOpen(pipe, WRITERS)) {
                    int waited = await(file, RD_WAIT.at(pipe), () -> used(pipe) != 0 || !isOpen(pipe, WRITERS));
                    if (waited < 0) {
                        return waited;
                    }
                }
                boolean ended = !isOpen(pipe, WRITERS);
                int done = take(pipe, to, count);
                if (done != 0 || ended) {
                    return done;
                }
            }
            return 0;
        }

        /** Copies bytes out of the pipe. Returns their number, or a negative errno. */
        private int take(long pipe, long to, int count) {
            tasks.mutexes().lock(MUTEX.at(pipe));
            int length = Math.min(count, used(pipe));
            boolean wasFull = CAPACITY - used(pipe) < ATOMIC;
            int done = carry(pipe, TAIL, length, (at, from, bytes) -> user.copyToUser(to + from, at, bytes));
            tasks.mutexes().unlock(MUTEX.at(pipe));
            if (wasFull) {                             // otherwise no writer waits, and poll has told of the room
                tasks.waitQueues().wakeUpAll(WR_WAIT.at(pipe));
            }
            return done;
        }

        @Override
        public int poll(long file, long table) {
            long pipe = FileLayout.DATA.get(memory, file);
            polling.pollWait(RD_WAIT.at(pipe), table);
            return (used(pipe) != 0 ? PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM : 0)
                    | (isOpen(pipe, WRITERS) ? 0 : PollEvents.EPOLLHUP);
        }

        @Override
        public void release(long file) {
            releaseEnd(file, READERS);
        }
    }

    private final class WriteEnd implements FileOperations {

        @Override
        public int open(long file) {
            return openEnd(file, WRITERS);
        }

        @Override
        public int write(long file, long from, int count, long position) {
            return Pipes.this.write(file, count, (at, done, bytes) -> user.copyFromUser(at, from + done, bytes));
        }

        @Override
        public int poll(long file, long table) {
            long pipe = FileLayout.DATA.get(memory, file);
            polling.pollWait(WR_WAIT.at(pipe), table);
            return (CAPACITY - used(pipe) >= ATOMIC ? PollEvents.EPOLLOUT | PollEvents.EPOLLWRNORM : 0)
                    | (isOpen(pipe, READERS) ? 0 : PollEvents.EPOLLERR);
        }

        @Override
        public void release(long file) {
            releaseEnd(file, WRITERS);
        }
    }
}
