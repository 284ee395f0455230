package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A fingerprint of the schedule: the hart and the length of every slice so far. SHA-256 chains blocks of records, so
 * the state is a few bytes for a run of any length.
 */
final class ScheduleLog implements Saveable {

    private static final int RECORD_BYTES = 9;
    private static final int BLOCK_BYTES = 512 * RECORD_BYTES;

    private byte[] chained = new byte[0];
    private byte[] block = new byte[BLOCK_BYTES];
    private int length;
    private long slices;

    void add(int hart, long ticks) {
        block[length++] = (byte) hart;
        for (int shift = 0; shift < 64; shift += 8) {
            block[length++] = (byte) (ticks >>> shift);
        }
        slices++;
        if (length == BLOCK_BYTES) {
            chained = digest();
            length = 0;
        }
    }

    long slices() {
        return slices;
    }

    byte[] digest() {
        MessageDigest sha256 = sha256();
        sha256.update(chained);
        sha256.update(block, 0, length);
        return sha256.digest();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putBytes(chained);
        out.putBytes(Arrays.copyOf(block, length));
        out.put64(slices);
    }

    @Override
    public void restore(StateReader in) {
        chained = in.getBytes();
        byte[] kept = in.getBytes();
        StateReader.requireThat(kept.length < BLOCK_BYTES && kept.length % RECORD_BYTES == 0,
                "it holds a block of " + kept.length + " bytes of slices, which must be fewer than " + BLOCK_BYTES
                        + " and a multiple of " + RECORD_BYTES);
        length = kept.length;
        System.arraycopy(kept, 0, block, 0, length);
        slices = in.get64(0, Clock.LAST_TICK);
    }
}
