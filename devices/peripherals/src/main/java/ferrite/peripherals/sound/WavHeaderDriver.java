package ferrite.peripherals.sound;

import ferrite.hardware.turn.KernelMemory;

/**
 * The driver's view of the header of a WAV file, at the beginning of the bytes that a program writes.
 *
 * @param rate     samples of a channel in a second; 0 if the card cannot play the samples
 * @param bits     of a sample
 * @param channels 1 or 2
 * @param bytes    of the header
 * @param samples  bytes of samples that follow
 */
record WavHeaderDriver(int rate, int bits, int channels, int bytes, int samples) {

    /** Bytes of a file that are searched for its samples. */
    static final int MAX_BYTES = 512;

    private static final int CHUNK_HEADER = 8;
    private static final int FORMAT_BYTES = 16;
    private static final int PCM = 1;

    /** Returns the header of a file of which the first bytes are in memory; null if they are no such file. */
    static WavHeaderDriver read(KernelMemory memory, long va, int length) {
        if (length < 12 || !tag(memory, va, "RIFF") || !tag(memory, va + 8, "WAVE")) {
            return null;
        }
        long format = 0;
        int at = 12;
        while (at >= 0 && at + CHUNK_HEADER <= length) {
            int bytes = word(memory, va + at + 4);
            if (tag(memory, va + at, "data") && format != 0) {
                return of(memory, format, at + CHUNK_HEADER, bytes);
            }
            if (tag(memory, va + at, "fmt ") && bytes >= FORMAT_BYTES && at + CHUNK_HEADER + FORMAT_BYTES <= length) {
                format = va + at + CHUNK_HEADER;
            }
            if (bytes < 0 || bytes > MAX_BYTES) {
                return null;
            }
            at += CHUNK_HEADER + bytes + (bytes & 1);
        }
        return null;
    }

    private static WavHeaderDriver of(KernelMemory memory, long format, int headerBytes, int samples) {
        int kind = word(memory, format) & 0xffff;
        int channels = word(memory, format) >>> 16;
        int rate = word(memory, format + 4);
        int bits = word(memory, format + 12) >>> 16;
        boolean played = kind == PCM && (channels == 1 || channels == 2) && (bits == 8 || bits == 16) && rate > 0;
        return new WavHeaderDriver(played ? rate : 0, bits, channels, headerBytes, samples);
    }

    private static boolean tag(KernelMemory memory, long va, String text) {
        boolean same = true;
        for (int i = 0; i < text.length(); i++) {
            same &= memory.load8(va + i) == text.charAt(i);
        }
        return same;
    }

    private static int word(KernelMemory memory, long va) {
        return memory.load8(va) & 0xff | (memory.load8(va + 1) & 0xff) << 8 | (memory.load8(va + 2) & 0xff) << 16
                | memory.load8(va + 3) << 24;
    }
}
