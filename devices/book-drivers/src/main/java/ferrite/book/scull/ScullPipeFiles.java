package ferrite.book.scull;

import static ferrite.book.scull.ScullPipeLayout.ASYNC_QUEUE;
import static ferrite.book.scull.ScullPipeLayout.BUFFER;
import static ferrite.book.scull.ScullPipeLayout.BUFFER_SIZE;
import static ferrite.book.scull.ScullPipeLayout.CDEV;
import static ferrite.book.scull.ScullPipeLayout.END;
import static ferrite.book.scull.ScullPipeLayout.INQ;
import static ferrite.book.scull.ScullPipeLayout.MUTEX;
import static ferrite.book.scull.ScullPipeLayout.OUTQ;
import static ferrite.book.scull.ScullPipeLayout.READERS;
import static ferrite.book.scull.ScullPipeLayout.RP;
import static ferrite.book.scull.ScullPipeLayout.WP;
import static ferrite.book.scull.ScullPipeLayout.WRITERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.Word;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.PollEvents;

/**
 * {@code /dev/scullpipe0} and its kin: reads and writes that wait for each other (LDD3 pages 152-158), poll (page 166)
 * and asynchronous notification (page 171). There is no end of file: a reader waits, although no writer is left. The
 * bytes live as long as the pipe is open.
 */
final class ScullPipeFiles implements FileOperations {

    private final ScullDriver driver;
    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final ScullIoctl commands;

    ScullPipeFiles(ScullDriver driver) {
        this.driver = driver;
        this.kernel = driver.calls();
        this.memory = kernel.memory();
        this.commands = new ScullIoctl(driver);
    }

    /** Initialises a pipe in zeroed memory. */
    void init(long pipe) {
        kernel.initWaitqueueHead(INQ.at(pipe));
        kernel.initWaitqueueHead(OUTQ.at(pipe));
        kernel.mutexInit(MUTEX.at(pipe));
    }

    private long pipe(long file) {
        return CDEV.containerOf(FileLayout.DATA.get(memory, file));
    }

    private boolean lock(long pipe) {
        return kernel.mutexLockInterruptible(MUTEX.at(pipe)) == 0;
    }

    private int unlock(long pipe, int result) {
        kernel.mutexUnlock(MUTEX.at(pipe));
        return result;
    }

    private boolean isNonBlocking(long file) {
        return (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) != 0;
    }

    /**
     * Opens a pipe. The first open makes the buffer, with the size of now. Unlike the book's, a later one keeps its
     * bytes.
     */
    @Override
    public int open(long file) {
        long pipe = pipe(file);
        if (!lock(pipe)) {
            return -Errno.ERESTARTSYS;
        }
        if (BUFFER.get(memory, pipe) == 0) {
            int bytes = ScullPartsLayout.P_BUFFER.get(memory, driver.parts());
            long buffer = kernel.kmalloc(bytes, Gfp.GFP_KERNEL);
            if (buffer == 0) {
                return unlock(pipe, -Errno.ENOMEM);
            }
            BUFFER.set(memory, pipe, buffer);
            BUFFER_SIZE.set(memory, pipe, bytes);
            END.set(memory, pipe, buffer + bytes);
            RP.set(memory, pipe, buffer);
            WP.set(memory, pipe, buffer);
        }
        count(file, pipe, 1);
        return unlock(pipe, kernel.nonseekableOpen(file));
    }

    private void count(long file, long pipe, int change) {
        int mode = FileLayout.MODE.get(memory, file);
        for (Word kind : new Word[] {READERS, WRITERS}) {
            int bit = kind == READERS ? Fcntl.FMODE_READ : Fcntl.FMODE_WRITE;
            if ((mode & bit) != 0) {
                kind.add(memory, pipe, change);
            }
        }
    }

    /** No signal ends this wait: a release cannot be refused. */
    @Override
    public void release(long file) {
        long pipe = pipe(file);
        kernel.mutexLock(MUTEX.at(pipe));
        count(file, pipe, -1);
        if (READERS.get(memory, pipe) + WRITERS.get(memory, pipe) == 0) {
            kernel.kfree(BUFFER.get(memory, pipe));
            BUFFER.set(memory, pipe, 0);
        }
        kernel.mutexUnlock(MUTEX.at(pipe));
    }

    private boolean isEmpty(long pipe) {
        return RP.get(memory, pipe) == WP.get(memory, pipe);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long pipe = pipe(file);
        if (!lock(pipe)) {
            return -Errno.ERESTARTSYS;
        }
        while (isEmpty(pipe)) {
            kernel.mutexUnlock(MUTEX.at(pipe));
            if (isNonBlocking(file)) {
                return -Errno.EAGAIN;
            }
            if (kernel.waitEventInterruptible(INQ.at(pipe), () -> !isEmpty(pipe)) < 0 || !lock(pipe)) {
                return -Errno.ERESTARTSYS;
            }
        }
        long from = RP.get(memory, pipe);
        long written = WP.get(memory, pipe);
        int bytes = (int) Math.min(count, (written > from ? written : END.get(memory, pipe)) - from);
        if (kernel.copyToUser(to, from, bytes) != 0) {
            return unlock(pipe, -Errno.EFAULT);
        }
        RP.set(memory, pipe, wrapped(pipe, from + bytes));
        kernel.mutexUnlock(MUTEX.at(pipe));
        kernel.wakeUpInterruptible(OUTQ.at(pipe));
        return bytes;
    }

    private long wrapped(long pipe, long at) {
        return at == END.get(memory, pipe) ? BUFFER.get(memory, pipe) : at;
    }

    /** Bytes that can be written; one byte of the buffer stays free, so that a full buffer is not taken for empty. */
    private int spaceFree(long pipe) {
        int bytes = BUFFER_SIZE.get(memory, pipe);
        return isEmpty(pipe) ? bytes - 1
                : (int) (RP.get(memory, pipe) + bytes - WP.get(memory, pipe)) % bytes - 1;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long pipe = pipe(file);
        if (!lock(pipe)) {
            return -Errno.ERESTARTSYS;
        }
        int result = getWriteSpace(file, pipe);          // drops the mutex if it fails
        if (result < 0) {
            return result;
        }
        long to = WP.get(memory, pipe);
        int bytes = Math.min(Math.min(count, spaceFree(pipe)), (int) (END.get(memory, pipe) - to));
        if (kernel.copyFromUser(to, from, bytes) != 0) {
            return unlock(pipe, -Errno.EFAULT);
        }
        WP.set(memory, pipe, wrapped(pipe, to + bytes));
        kernel.mutexUnlock(MUTEX.at(pipe));
        kernel.wakeUpInterruptible(INQ.at(pipe));
        if (ASYNC_QUEUE.get(memory, pipe) != 0) {
            kernel.killFasync(ASYNC_QUEUE.at(pipe), Signal.SIGIO, Signal.POLL_IN);
        }
        return bytes;
    }

    /** Waits for room, with a manual sleep to show one (LDD3 page 157). The caller holds the mutex. */
    private int getWriteSpace(long file, long pipe) {
        while (spaceFree(pipe) == 0) {
            kernel.mutexUnlock(MUTEX.at(pipe));
            if (isNonBlocking(file)) {
                return -Errno.EAGAIN;
            }
            kernel.prepareToWait(OUTQ.at(pipe));
            if (spaceFree(pipe) == 0) {
                kernel.schedule();
            }
            kernel.finishWait(OUTQ.at(pipe));
            if (kernel.signalPending() || !lock(pipe)) {
                return -Errno.ERESTARTSYS;
            }
        }
        return 0;
    }

    @Override
    public int poll(long file, long table) {
        long pipe = pipe(file);
        kernel.mutexLock(MUTEX.at(pipe));
        kernel.pollWait(file, INQ.at(pipe), table);
        kernel.pollWait(file, OUTQ.at(pipe), table);
        int events = isEmpty(pipe) ? 0 : PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM;
        events |= spaceFree(pipe) == 0 ? 0 : PollEvents.EPOLLOUT | PollEvents.EPOLLWRNORM;
        return unlock(pipe, events);
    }

    @Override
    public int fasync(int descriptor, long file, boolean on) {
        return kernel.fasyncHelper(descriptor, file, on, ASYNC_QUEUE.at(pipe(file)));
    }

    @Override
    public int ioctl(long file, int command, long argument) {
        return commands.ioctl(command, argument);
    }
}
