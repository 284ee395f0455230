package ferrite.peripherals.sound;

/**
 * A format of sound samples.
 *
 * @param rate     frames a second
 * @param bits     of a sample: 8, or 16 with the low byte first
 * @param channels samples of a frame: 1, or 2
 * @param signed   whether samples are signed; those of a WAV file are if they have 16 bits
 */
record PcmFormat(int rate, int bits, int channels, boolean signed) {

    static PcmFormat ofFile(int rate, int bits, int channels) {
        return new PcmFormat(rate, bits, channels, bits == 16);
    }

    int sampleBytes() {
        return bits / 8;
    }

    int frameBytes() {
        return sampleBytes() * channels;
    }

    /** Returns a frame's sample of a channel as a signed one of 16 bits. A mono frame has the same one for both. */
    int sample(byte[] bytes, int frameAt, int channel) {
        int at = frameAt + (channels == 2 ? channel * sampleBytes() : 0);
        int raw = bits == 8 ? (bytes[at] & 0xff) << 8 : (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
        return signed ? (short) raw : raw - 0x8000;
    }

    /** Stores a frame of signed samples of 16 bits. A mono frame gets their mean. */
    void store(byte[] bytes, int frameAt, int left, int right) {
        if (channels == 1) {
            storeSample(bytes, frameAt, left == right ? left : left + right >> 1);
        } else {
            storeSample(bytes, frameAt, left);
            storeSample(bytes, frameAt + sampleBytes(), right);
        }
    }

    private void storeSample(byte[] bytes, int at, int sample) {
        int raw = signed ? sample : sample + 0x8000;
        if (bits == 8) {
            bytes[at] = (byte) (raw >> 8);
        } else {
            bytes[at] = (byte) raw;
            bytes[at + 1] = (byte) (raw >> 8);
        }
    }
}
