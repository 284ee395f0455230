package ferrite.peripherals.sound;

import static ferrite.peripherals.sound.StreamLayout.BITS;
import static ferrite.peripherals.sound.StreamLayout.CARD;
import static ferrite.peripherals.sound.StreamLayout.CHANNELS;
import static ferrite.peripherals.sound.StreamLayout.CUT;
import static ferrite.peripherals.sound.StreamLayout.DRAINING;
import static ferrite.peripherals.sound.StreamLayout.FRAGMENT;
import static ferrite.peripherals.sound.StreamLayout.FRAGMENTS;
import static ferrite.peripherals.sound.StreamLayout.HEAD;
import static ferrite.peripherals.sound.StreamLayout.LOST;
import static ferrite.peripherals.sound.StreamLayout.ONE_USER;
import static ferrite.peripherals.sound.StreamLayout.OPEN;
import static ferrite.peripherals.sound.StreamLayout.RATE;
import static ferrite.peripherals.sound.StreamLayout.RECORDS;
import static ferrite.peripherals.sound.StreamLayout.RING;
import static ferrite.peripherals.sound.StreamLayout.STATE;
import static ferrite.peripherals.sound.StreamLayout.TAIL;
import static ferrite.peripherals.sound.StreamLayout.USED;
import static ferrite.peripherals.sound.StreamLayout.WAIT;
import static ferrite.peripherals.sound.StreamLayout.WAV_LEFT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.PollEvents;
import java.util.function.IntSupplier;

/**
 * /dev/dsp, with the commands of the Open Sound System ({@link OssLayout}). A file that is opened for writing plays,
 * one that is opened for reading records; each begins with 8000 mono samples of 8 bits a second, or of 16 if the other
 * one has 8. A close waits until everything is played. After the card was pulled out, all calls fail with -ENODEV.
 *
 * <p>If the first write begins with the header of a WAV file, the header sets the format, and only the samples are
 * played: so {@code cp song.wav /dev/dsp} plays a song. On Linux it would be noise.
 */
final class SoundFileDriver implements FileOperations {

    private static final int RING_ORDER = 4;
    private static final int RING_BYTES = 64 << 10;
    private static final int DEFAULT_FRAGMENT = 4096;
    private static final int MIN_FRAGMENT_SHIFT = 6;
    private static final int MAX_FRAGMENT_SHIFT = 15;
    private static final int DEFAULT_RATE = 8000;
    private static final int WORD = 4;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final SoundStreamDriver streams;

    SoundFileDriver(KernelCalls kernel, SoundStreamDriver streams) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.streams = streams;
    }

    private long stream(long file) {
        return FileLayout.PRIVATE.get(memory, file);
    }

    private boolean isGone(long stream) {
        return streams.isGone(CARD.get(memory, stream));
    }

    private boolean isNonblocking(long file) {
        return (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) != 0;
    }

    // ---- opening and closing ----

    @Override
    public int open(long file) {
        long card = FileLayout.DATA.get(memory, file);
        int access = FileLayout.FLAGS.get(memory, file) & Fcntl.O_ACCMODE;
        if (access == Fcntl.O_RDWR) {
            return -Errno.EINVAL;                      // the card cannot do both with the same format
        }
        long stream = access == Fcntl.O_WRONLY ? SoundLayout.PLAYS.at(card) : SoundLayout.RECORDS.at(card);
        kernel.mutexLock(ONE_USER.at(stream));
        int result = isGone(stream) ? -Errno.ENODEV : OPEN.get(memory, stream) != 0 ? -Errno.EBUSY : prepare(stream);
        kernel.mutexUnlock(ONE_USER.at(stream));
        if (result == 0) {
            FileLayout.PRIVATE.set(memory, file, stream);
            result = kernel.nonseekableOpen(file);
        }
        return result;
    }

    private int prepare(long stream) {
        long ring = kernel.__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA | Gfp.__GFP_ZERO, RING_ORDER);
        if (ring == 0) {
            return -Errno.ENOMEM;
        }
        RING.set(memory, stream, ring);
        RATE.set(memory, stream, DEFAULT_RATE);
        CHANNELS.set(memory, stream, 1);
        FRAGMENT.set(memory, stream, DEFAULT_FRAGMENT);
        FRAGMENTS.set(memory, stream, RING_BYTES / DEFAULT_FRAGMENT);
        HEAD.set(memory, stream, 0);
        TAIL.set(memory, stream, 0);
        StreamLayout.PROGRAMMED.set(memory, stream, 0);
        DRAINING.set(memory, stream, 0);
        LOST.set(memory, stream, 0);
        USED.set(memory, stream, 0);
        CUT.set(memory, stream, 0);
        WAV_LEFT.set(memory, stream, StreamLayout.RAW);
        locked(stream, () -> {
            BITS.set(memory, stream, freeBits(stream, 8));
            OPEN.set(memory, stream, 1);
            return 0;
        });
        return 0;
    }

    /** Calls a function with the card's lock held. */
    private int locked(long stream, IntSupplier body) {
        long lock = SoundLayout.LOCK.at(CARD.get(memory, stream));
        int flags = kernel.spinLockIrqsave(lock);
        int result = body.getAsInt();
        kernel.spinUnlockIrqrestore(lock, flags);
        return result;
    }

    /** Returns the wanted number of bits, or the other one if the stream of the other direction has it. */
    private int freeBits(long stream, int wanted) {
        long card = CARD.get(memory, stream);
        long other = RECORDS.get(memory, stream) != 0 ? SoundLayout.PLAYS.at(card) : SoundLayout.RECORDS.at(card);
        boolean taken = OPEN.get(memory, other) != 0 && BITS.get(memory, other) == wanted;
        return taken ? 24 - wanted : wanted;
    }

    @Override
    public int flush(long file) {
        long stream = stream(file);
        if (RECORDS.get(memory, stream) != 0 || CUT.get(memory, stream) != 0) {
            return 0;
        }
        kernel.mutexLock(ONE_USER.at(stream));
        int result = drain(stream);
        kernel.mutexUnlock(ONE_USER.at(stream));
        return result;
    }

    @Override
    public void release(long file) {
        long stream = stream(file);
        kernel.mutexLock(ONE_USER.at(stream));
        locked(stream, () -> {
            streams.halt(stream);
            return 0;
        });
        kernel.delTimerSync(StreamLayout.WATCHDOG.at(stream));
        int lost = LOST.get(memory, stream);
        if (lost > 0) {
            kernel.prInfo("sound: " + (RECORDS.get(memory, stream) != 0 ? "overruns: " : "underruns: ") + lost);
        }
        locked(stream, () -> {
            OPEN.set(memory, stream, 0);
            return 0;
        });
        kernel.freePages(RING.get(memory, stream), RING_ORDER);
        kernel.mutexUnlock(ONE_USER.at(stream));
    }

    /** Waits until everything is played. Returns 0, -ERESTARTSYS after a signal, or -ENODEV if samples were lost. */
    private int drain(long stream) {
        post(stream);
        int result = kernel.waitEventInterruptible(WAIT.at(stream), () -> isGone(stream) || locked(stream,
                () -> STATE.get(memory, stream) == StreamLayout.STOPPED && streams.filled(stream) == 0 ? 1 : 0) != 0);
        DRAINING.set(memory, stream, 0);
        return result == 0 && streams.filled(stream) > 0 ? -Errno.ENODEV : result;
    }

    private void post(long stream) {
        locked(stream, () -> {
            DRAINING.set(memory, stream, 1);
            streams.playAll(stream);
            return 0;
        });
    }

    // ---- playing ----

    @Override
    public int write(long file, long from, int count, long position) {
        long stream = stream(file);
        if (kernel.mutexLockInterruptible(ONE_USER.at(stream)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        if (isGone(stream)) {
            CUT.set(memory, stream, 1);
            kernel.mutexUnlock(ONE_USER.at(stream));
            return -Errno.ENODEV;
        }
        int header = USED.get(memory, stream) != 0 ? 0 : header(stream, from, count);
        if (header >= 0) {
            USED.set(memory, stream, 1);               // a header that was refused may be written again
        }
        int put = header < 0 ? header : samples(file, stream, from + header, count - header);
        kernel.mutexUnlock(ONE_USER.at(stream));
        return put >= 0 ? header + put : header > 0 ? header : put;
    }

    /** Obeys the header of a WAV file. Returns its bytes; 0 if there is none; or a negative errno. */
    private int header(long stream, long from, int count) {
        int looked = Math.min(count, WavHeaderDriver.MAX_BYTES);
        if (kernel.copyFromUser(RING.get(memory, stream), from, looked) != 0) {
            return -Errno.EFAULT;
        }
        WavHeaderDriver header = WavHeaderDriver.read(memory, RING.get(memory, stream), looked);
        if (header == null) {
            return 0;
        }
        if (header.rate() == 0) {
            kernel.prErr("sound: the samples of the WAV file are not PCM of 8 or 16 bits, mono or stereo");
            return -Errno.EINVAL;
        }
        if (locked(stream, () -> setBits(stream, header.bits())) != header.bits()) {
            return -Errno.EBUSY;
        }
        CHANNELS.set(memory, stream, header.channels());
        if (setRate(stream, header.rate()) != header.rate()) {
            kernel.prWarn("sound: " + header.rate() + " samples a second are played as "
                    + RATE.get(memory, stream));
        }
        WAV_LEFT.set(memory, stream, header.samples() < 0 ? Integer.MAX_VALUE : header.samples());
        return header.bytes();
    }

    /** Writes samples. Bytes after those of a WAV file are no sound. */
    private int samples(long file, long stream, long from, int count) {
        int left = WAV_LEFT.get(memory, stream);
        int sound = left == StreamLayout.RAW ? count : Math.min(count, left);
        int put = fill(file, stream, from, sound);
        if (left != StreamLayout.RAW && put > 0) {
            WAV_LEFT.set(memory, stream, left - put);
        }
        return put == sound ? count : put;
    }

    private int fill(long file, long stream, long from, int count) {
        int ring = streams.ringBytes(stream);
        DRAINING.set(memory, stream, 0);
        CUT.set(memory, stream, 0);
        for (int done = 0; done < count; ) {
            int room = await(file, stream, () -> room(stream));
            if (room < 0) {
                CUT.set(memory, stream, room == -Errno.EAGAIN ? 0 : 1);
                return done > 0 ? done : room;
            }
            int at = HEAD.get(memory, stream) & ring - 1;
            int piece = Math.min(Math.min(room, ring - at), count - done);
            int copied = piece - kernel.copyFromUser(RING.get(memory, stream) + at, from + done, piece);
            locked(stream, () -> {
                HEAD.add(memory, stream, copied);
                return 0;
            });
            done += copied;
            startIfFull(stream);
            if (copied < piece) {
                return done > 0 ? done : -Errno.EFAULT;
            }
        }
        return count;
    }

    /**
     * Waits until a function returns more than 0. Returns its value; -EAGAIN if the file must not wait, -ERESTARTSYS
     * after a signal, or -ENODEV.
     */
    private int await(long file, long stream, IntSupplier bytes) {
        int ready = bytes.getAsInt();
        if (ready == 0 && !isGone(stream)) {
            int result = isNonblocking(file) ? -Errno.EAGAIN : kernel.waitEventInterruptible(WAIT.at(stream),
                    () -> bytes.getAsInt() > 0 || isGone(stream));
            if (result < 0) {
                return result;
            }
            ready = bytes.getAsInt();
        }
        return isGone(stream) ? -Errno.ENODEV : ready;
    }

    /** Returns the bytes that can be written now. While the rest is played there is no room. */
    private int room(long stream) {
        return locked(stream, () -> STATE.get(memory, stream) == StreamLayout.PLAYING_REST ? 0
                : streams.ringBytes(stream) - streams.filled(stream));
    }

    /** Starts to play when there are two fragments, so that the program has time to write more. */
    private void startIfFull(long stream) {
        locked(stream, () -> {
            if (streams.filled(stream) >= 2 * FRAGMENT.get(memory, stream)) {
                streams.start(stream);
            }
            return 0;
        });
    }

    // ---- recording ----

    @Override
    public int read(long file, long to, int count, long position) {
        long stream = stream(file);
        if (kernel.mutexLockInterruptible(ONE_USER.at(stream)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        USED.set(memory, stream, 1);
        int result = take(file, stream, to, count);
        kernel.mutexUnlock(ONE_USER.at(stream));
        return result;
    }

    private int take(long file, long stream, long to, int count) {
        int ring = streams.ringBytes(stream);
        for (int done = 0; done < count; ) {
            int filled = await(file, stream, () -> record(stream));
            if (filled < 0) {
                return done > 0 ? done : filled;
            }
            int tail = TAIL.get(memory, stream);
            int at = tail & ring - 1;
            int piece = Math.min(Math.min(filled, ring - at), count - done);
            if (kernel.copyToUser(to + done, RING.get(memory, stream) + at, piece) != 0) {
                return done > 0 ? done : -Errno.EFAULT;
            }
            int kept = locked(stream, () -> {
                if (TAIL.get(memory, stream) != tail) {
                    return 0;                          // overtaken: the copy may be half new
                }
                TAIL.add(memory, stream, piece);
                return piece;
            });
            done += kept;
        }
        return count;
    }

    /** Starts to record, if it has not begun. Returns the bytes that can be read. */
    private int record(long stream) {
        return locked(stream, () -> {
            streams.start(stream);
            return streams.filled(stream);
        });
    }

    // ---- waiting for either ----

    @Override
    public int poll(long file, long table) {
        long stream = stream(file);
        kernel.pollWait(file, WAIT.at(stream), table);
        if (isGone(stream)) {
            return PollEvents.EPOLLERR | PollEvents.EPOLLHUP;
        }
        if (RECORDS.get(memory, stream) != 0) {
            return record(stream) > 0 ? PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM : 0;
        }
        return room(stream) >= FRAGMENT.get(memory, stream) ? PollEvents.EPOLLOUT | PollEvents.EPOLLWRNORM : 0;
    }

    // ---- commands ----

    @Override
    public int ioctl(long file, int command, long argument) {
        long stream = stream(file);
        if (isGone(stream)) {
            return -Errno.ENODEV;
        }
        if (command == OssLayout.SNDCTL_DSP_NONBLOCK) {
            FileLayout.FLAGS.set(memory, file, FileLayout.FLAGS.get(memory, file) | Fcntl.O_NONBLOCK);
            return 0;
        }
        if (kernel.mutexLockInterruptible(ONE_USER.at(stream)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int result = obey(stream, command, argument);
        result = isGone(stream) ? -Errno.ENODEV : result;
        kernel.mutexUnlock(ONE_USER.at(stream));
        return result;
    }

    private int obey(long stream, int command, long argument) {
        boolean records = RECORDS.get(memory, stream) != 0;
        if (command == OssLayout.SNDCTL_DSP_RESET) {
            return locked(stream, () -> {
                streams.halt(stream);
                return 0;
            });
        }
        if (command == OssLayout.SNDCTL_DSP_SYNC) {
            return records ? 0 : drain(stream);
        }
        if (command == OssLayout.SNDCTL_DSP_POST) {
            if (!records) {
                post(stream);
            }
            return 0;
        }
        if (command == OssLayout.SNDCTL_DSP_GETOSPACE || command == OssLayout.SNDCTL_DSP_GETISPACE) {
            return records == (command == OssLayout.SNDCTL_DSP_GETISPACE) ? tellRoom(stream, argument) : -Errno.EINVAL;
        }
        return obeyNumber(stream, command, argument);
    }

    private int tellRoom(long stream, long argument) {
        return kernel.onStack(OssLayout.SIZE, info -> {
            int bytes = RECORDS.get(memory, stream) != 0 ? locked(stream, () -> streams.filled(stream)) : room(stream);
            OssLayout.FRAGMENTS.set(memory, info, bytes / FRAGMENT.get(memory, stream));
            OssLayout.TOTAL.set(memory, info, FRAGMENTS.get(memory, stream));
            OssLayout.FRAGMENT_BYTES.set(memory, info, FRAGMENT.get(memory, stream));
            OssLayout.BYTES.set(memory, info, bytes);
            return kernel.copyToUser(argument, info, OssLayout.SIZE) == 0 ? 0 : -Errno.EFAULT;
        });
    }

    /** Obeys a command with a number as its argument and answer. */
    private int obeyNumber(long stream, int command, long argument) {
        if (command == OssLayout.SNDCTL_DSP_GETFMTS) {
            return kernel.putUser(OssLayout.AFMT_U8 | OssLayout.AFMT_S16_LE, argument);
        }
        if (command == OssLayout.SNDCTL_DSP_GETCAPS) {
            return kernel.putUser(OssLayout.DSP_CAP_DUPLEX, argument);
        }
        if (command == OssLayout.SNDCTL_DSP_GETBLKSIZE) {
            return kernel.putUser(FRAGMENT.get(memory, stream), argument);
        }
        if (command != OssLayout.SNDCTL_DSP_SPEED && command != OssLayout.SNDCTL_DSP_STEREO
                && command != OssLayout.SNDCTL_DSP_SETFMT && command != OssLayout.SNDCTL_DSP_CHANNELS
                && command != OssLayout.SNDCTL_DSP_SETFRAGMENT) {
            return -Errno.ENOTTY;
        }
        return kernel.onStack(WORD, number -> {
            if (kernel.getUser(number, argument) < 0) {
                return -Errno.EFAULT;
            }
            int answer = set(stream, command, memory.load32(number));
            return answer < 0 ? answer : kernel.putUser(answer, argument);
        });
    }

    private int set(long stream, int command, int value) {
        if (command == OssLayout.SNDCTL_DSP_SETFRAGMENT) {
            return setFragment(stream, value);
        }
        if (command == OssLayout.SNDCTL_DSP_SETFMT && value == OssLayout.AFMT_QUERY) {
            return format(stream);
        }
        int result = RECORDS.get(memory, stream) == 0 ? drain(stream) : 0;
        if (result < 0) {
            return result;
        }
        return locked(stream, () -> {                  // a poll must not start to record in between
            streams.halt(stream);
            USED.set(memory, stream, 1);
            return setStopped(stream, command, value);
        });
    }

    /** Sets a part of a stopped stream's format. The caller holds the card's lock. */
    private int setStopped(long stream, int command, int value) {
        if (command == OssLayout.SNDCTL_DSP_SPEED) {
            return setRate(stream, value);
        }
        if (command == OssLayout.SNDCTL_DSP_SETFMT) {
            setBits(stream, value == OssLayout.AFMT_S16_LE ? 16 : 8);
            return format(stream);
        }
        boolean stereo = command == OssLayout.SNDCTL_DSP_STEREO ? value != 0 : value >= 2;
        CHANNELS.set(memory, stream, stereo ? 2 : 1);
        return command == OssLayout.SNDCTL_DSP_STEREO ? CHANNELS.get(memory, stream) - 1 : CHANNELS.get(memory, stream);
    }

    private int format(long stream) {
        return BITS.get(memory, stream) == 16 ? OssLayout.AFMT_S16_LE : OssLayout.AFMT_U8;
    }

    /** Sets the wanted number of bits if it is free. The caller holds the card's lock. Returns the number. */
    private int setBits(long stream, int wanted) {
        BITS.set(memory, stream, freeBits(stream, wanted));
        return BITS.get(memory, stream);
    }

    private int setRate(long stream, int rate) {
        RATE.set(memory, stream, Math.max(SoundRegisters.MIN_RATE, Math.min(SoundRegisters.MAX_RATE, rate)));
        return RATE.get(memory, stream);
    }

    private int setFragment(long stream, int value) {
        if (USED.get(memory, stream) != 0 && (STATE.get(memory, stream) != StreamLayout.STOPPED
                || streams.filled(stream) > 0)) {
            return -Errno.EINVAL;                      // too late
        }
        int shift = Math.max(MIN_FRAGMENT_SHIFT, Math.min(MAX_FRAGMENT_SHIFT, value & 0xffff));
        int most = RING_BYTES >> shift;
        int count = value >>> 16 == 0 ? most : Math.max(2, Math.min(most, value >>> 16));
        locked(stream, () -> {
            streams.halt(stream);
            FRAGMENT.set(memory, stream, 1 << shift);
            FRAGMENTS.set(memory, stream, Integer.highestOneBit(count));
            return 0;
        });
        return FRAGMENTS.get(memory, stream) << 16 | shift;
    }
}
