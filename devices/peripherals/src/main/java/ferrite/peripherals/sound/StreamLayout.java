package ferrite.peripherals.sound;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/**
 * One direction of the card: a ring of fragments, which the DMA controller goes round. Counts of bytes only rise; their
 * remainders by the ring's bytes are places in it.
 */
final class StreamLayout {

    static final int SIZE = 112 + TimerLayout.SIZE;

    static final Struct STRUCT = Struct.of("sound_stream", SIZE);

    static final Pointer CARD = STRUCT.pointer("card", 0, "struct sound_card");
    /** Not 0 for the stream that records. */
    static final Word RECORDS = STRUCT.u32("records", 4);
    /** Not 0 while a file has the stream. */
    static final Word OPEN = STRUCT.u32("open", 8);
    static final Word BITS = STRUCT.u32("bits", 12);
    static final Word CHANNELS = STRUCT.u32("channels", 16);
    static final Word RATE = STRUCT.u32("rate", 20);
    /** Bytes of a fragment, after which the card interrupts; and their number. */
    static final Word FRAGMENT = STRUCT.u32("fragment", 24);
    static final Word FRAGMENTS = STRUCT.u32("fragments", 28);
    static final Pointer RING = STRUCT.pointer("ring", 32, "void");
    /** Bytes that were put into the ring, and that were taken out: by the card, or by the program that records. */
    static final Word HEAD = STRUCT.u32("head", 36);
    static final Word TAIL = STRUCT.u32("tail", 40);
    static final Word STATE = STRUCT.u32("state", 44);
    /** Bytes of the rest that is played. */
    static final Word REST = STRUCT.u32("rest", 48);
    /** Not 0 while the DMA channel goes round the ring. */
    static final Word PROGRAMMED = STRUCT.u32("programmed", 52);
    /** Not 0 if no more sound is expected, so that less than a fragment is played too. */
    static final Word DRAINING = STRUCT.u32("draining", 56);
    /** Times at which the ring was empty, or full when it was to be filled. */
    static final Word LOST = STRUCT.u32("lost", 60);
    /** Not 0 after the first write or a command. */
    static final Word USED = STRUCT.u32("used", 64);
    /** Bytes of samples that a WAV file still has; {@link #RAW} if no such file is written. */
    static final Word WAV_LEFT = STRUCT.u32("wav_left", 68);
    /** Not 0 if a signal has ended the last write, or it found no card: a close then does not wait. */
    static final Word CUT = STRUCT.u32("cut", 72);
    /** One reader, writer or command at a time. */
    static final Embedded ONE_USER = STRUCT.embedded("one_user", 76, MutexLayout.STRUCT);
    static final Embedded WAIT = STRUCT.embedded("wait", ONE_USER.end(), WaitQueueLayout.STRUCT);

    /** Notices the end of a block whose interrupt was lost. */
    static final Embedded WATCHDOG = STRUCT.embedded("watchdog", WAIT.end(), TimerLayout.STRUCT);

    static final int RAW = -1;

    static final int STOPPED = 0;
    static final int RUNNING = 1;
    /** The card stops after its current block. */
    static final int ENDING = 2;
    /** The card plays the rest, which is less than a fragment. */
    static final int PLAYING_REST = 3;

    private StreamLayout() { }
}
