package ferrite.peripherals.sound;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.dma.DmaBytes;
import ferrite.hardware.dma.DmaRequester;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * A DMA channel's side of the signal processor: it plays or records blocks of samples, in pieces of up to
 * {@value #PIECE_FRAMES} frames, at the sampling rate. A piece goes over the request line before it is played, or after
 * it was recorded. A piece that has not gone over the line in time is an underrun or an overrun: the stream then waits
 * for the line.
 */
final class DspStream implements DmaRequester {

    static final int PIECE_FRAMES = 64;

    private static final long TICKS_PER_SECOND = 1_000_000L * Clock.TICKS_PER_MICROSECOND;
    private static final int MAX_BLOCK_SAMPLES = 1 << 16;

    /** The far end of a stream: it plays, records, and is told of a block's end. */
    interface End {
        void play(PcmFormat format, byte[] samples, int length);

        void record(PcmFormat format, byte[] samples, int length);

        /** Passes over sound that could have been recorded. */
        void lose(PcmFormat format, int frames);

        void blockEnded();

        /** Returns the ticks by which the block that begins is late. */
        default long delayTicks() {
            return 0;
        }
    }

    private final String name;
    private final int sampleBytes;
    private final Clock clock;
    private final End end;
    private final ClockEvent pieceEnds;
    private IrqLine request = level -> { };

    private boolean running;
    private boolean paused;
    private boolean records;
    private boolean autoInit;
    private PcmFormat format;
    /** Samples of a block, and of the current block that are still to be played or recorded. */
    private int blockSamples;
    private int samplesLeft;
    /** The current piece, and the bytes of it that have gone over the line. */
    private byte[] piece = new byte[0];
    private int moved;
    private boolean waits;
    /** The moment since which frames are counted, so that no rounding adds up. */
    private long since;
    private long frames;
    private int lost;

    DspStream(String name, int sampleBytes, Clock clock, End end) {
        this.name = name;
        this.sampleBytes = sampleBytes;
        this.clock = clock;
        this.end = end;
        this.format = new PcmFormat(SoundRegisters.MIN_RATE, 8 * sampleBytes, 1, false);
        this.pieceEnds = clock.newEvent(name, this::pieceEnds);
    }

    void connect(IrqLine dreq) {
        request = dreq;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String request() {
        return name + (records ? " records " : " plays ") + samplesLeft + " samples";
    }

    /** Returns the pieces that did not go over the line in time. */
    int lost() {
        return lost;
    }

    boolean isRunning() {
        return running;
    }

    // ---- commands ----

    void start(PcmFormat theFormat, boolean theDirection, boolean again, int samples) {
        stop();
        format = theFormat;
        records = theDirection;
        autoInit = again;
        blockSamples = samples;
        samplesLeft = samples;
        running = true;
        countFromNow();
        beginPiece();
    }

    void stop() {
        running = false;
        paused = false;
        waits = false;
        piece = new byte[0];
        moved = 0;
        pieceEnds.cancel();
        request.set(false);
    }

    void pause() {
        if (running && !paused) {
            paused = true;
            pieceEnds.cancel();
            request.set(false);
        }
    }

    /** Goes on after a pause, with the piece that was begun. */
    void goOn() {
        if (running && paused) {
            paused = false;
            countFromNow();
            if (isTimed()) {
                schedule();
            }
            request.set(ready() > 0);
        }
    }

    /** Ends the transfer after the current block. */
    void exitAutoInit() {
        autoInit = false;
    }

    private void countFromNow() {
        since = clock.now();
        frames = 0;
    }

    // ---- pieces ----

    private void beginPiece() {
        int samples = Math.min(PIECE_FRAMES * format.channels(), samplesLeft);
        piece = new byte[samples * sampleBytes];
        moved = records ? piece.length : 0;
        request.set(!records);
        schedule();
    }

    /** Returns whether the piece has an end in time: no piece that waits for the line has one. */
    private boolean isTimed() {
        return running && !paused && !waits && (!records || moved == piece.length);
    }

    private void schedule() {
        frames += Math.max(1, piece.length / format.frameBytes());
        pieceEnds.scheduleAt(Math.max(clock.now(), dueAt(frames))
                + (samplesLeft == blockSamples ? end.delayTicks() : 0));
    }

    /** Returns the moment at which so many frames are over. */
    private long dueAt(long count) {
        return since + count * TICKS_PER_SECOND / format.rate();
    }

    /** Plays a piece at the end of its time, or gives a recorded piece to the line. */
    private void pieceEnds() {
        if (records) {
            end.record(format, piece, piece.length);
            moved = 0;
            request.set(running);
        } else if (moved < piece.length) {
            lost++;
            waits = true;
        } else {
            pieceIsOver();
        }
    }

    /** Goes on with the next piece: this one was played, or has gone over the line. */
    private void pieceIsOver() {
        if (!records) {
            end.play(format, piece, piece.length - piece.length % format.frameBytes());
        }
        if (!running) {
            return;                                    // the card was pulled out
        }
        samplesLeft -= piece.length / sampleBytes;
        if (samplesLeft == 0) {
            samplesLeft = blockSamples;
            if (!autoInit) {
                stop();
            }
            end.blockEnded();
        }
        if (running) {
            loseTime();
            beginPiece();
        }
    }

    /** Counts from now on if the line was late. The sound of that time is lost. */
    private void loseTime() {
        long late = clock.now() - dueAt(frames);
        if (waits || late > dueAt(PIECE_FRAMES) - since) {
            if (records) {
                lost++;
                end.lose(format, (int) Math.min(Integer.MAX_VALUE, late * format.rate() / TICKS_PER_SECOND));
            }
            waits = false;
            countFromNow();
        }
    }

    // ---- the request line ----

    @Override
    public int ready() {
        return paused ? 0 : piece.length - moved;
    }

    /** Supplies recorded samples. A stream that plays does not drive the bus. */
    @Override
    public void supply(DmaBytes bus, int length) {
        if (records) {
            bus.put(piece, moved, length);
        }
        advance(length);
    }

    @Override
    public void accept(DmaBytes bus, int length) {
        if (!records) {
            bus.get(piece, moved, length);
        }
        advance(length);
    }

    private void advance(int length) {
        moved += length;
        if (moved == piece.length) {
            request.set(false);
            if (records || waits) {
                pieceIsOver();
            }
        }
    }

    /** Does nothing: the lengths of blocks are the card's own. */
    @Override
    public void terminalCount() { }

    // ---- state ----

    void save(StateWriter out) {
        out.putBoolean(running);
        out.putBoolean(paused);
        out.putBoolean(records);
        out.putBoolean(autoInit);
        out.putBoolean(waits);
        out.putBoolean(format.signed());
        out.putInts(new int[] {format.rate(), format.channels(), blockSamples, samplesLeft, moved, lost});
        out.put64(since);
        out.put64(frames);
        out.putBytes(piece);
    }

    void restore(StateReader in) {
        running = in.getBoolean();
        paused = in.getBoolean();
        records = in.getBoolean();
        autoInit = in.getBoolean();
        waits = in.getBoolean();
        boolean signed = in.getBoolean();
        int[] words = new int[6];
        in.getInts(words);
        StateReader.requireThat(words[0] >= SoundRegisters.MIN_RATE && words[0] <= SoundRegisters.MAX_RATE
                && (words[1] == 1 || words[1] == 2), "the sound card's format is " + words[0] + " Hz with " + words[1]
                        + " channels");
        format = new PcmFormat(words[0], 8 * sampleBytes, words[1], signed);
        blockSamples = words[2];
        samplesLeft = words[3];
        moved = words[4];
        lost = words[5];
        since = in.get64();
        frames = in.get64();
        piece = in.getBytes();
        requireSense();
    }

    /** Refuses saved state that the card cannot reach. */
    private void requireSense() {
        StateReader.requireThat(blockSamples >= 0 && blockSamples <= MAX_BLOCK_SAMPLES && samplesLeft >= 0
                && samplesLeft <= blockSamples && (!running || samplesLeft > 0 && piece.length > 0),
                samplesLeft + " of " + blockSamples + " samples are left of a block");
        StateReader.requireThat(piece.length <= PIECE_FRAMES * 2 * sampleBytes && piece.length % sampleBytes == 0
                && piece.length / sampleBytes <= samplesLeft && moved >= 0 && moved <= piece.length,
                moved + " of " + piece.length + " bytes of a piece have gone over the line");
        boolean timed = isTimed();
        StateReader.requireThat(pieceEnds.isScheduled() == timed && since >= 0 && frames >= 0
                && frames < Long.MAX_VALUE / TICKS_PER_SECOND, "the sound card plays " + (timed ? "" : "not ")
                        + "and has counted " + frames + " frames");
    }
}
