package ferrite.peripherals.sound;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.Ioctl;

/**
 * {@code audio_buf_info}, the room or the sound in a buffer; and the other commands and formats of {@code /dev/dsp} in
 * the Open Sound System (Linux's uapi/linux/soundcard.h).
 */
final class OssLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("audio_buf_info", SIZE);

    /** Whole fragments that can be written or read without a wait. */
    static final Word FRAGMENTS = STRUCT.u32("fragments", 0);
    static final Word TOTAL = STRUCT.u32("fragstotal", 4);
    static final Word FRAGMENT_BYTES = STRUCT.u32("fragsize", 8);
    static final Word BYTES = STRUCT.u32("bytes", 12);

    private static final int WORD = 4;
    private static final int TYPE = 'P';

    /** Stops at once, and forgets the samples that were written. */
    static final int SNDCTL_DSP_RESET = Ioctl._IO(TYPE, 0);
    /** Waits until everything is played. */
    static final int SNDCTL_DSP_SYNC = Ioctl._IO(TYPE, 1);
    static final int SNDCTL_DSP_SPEED = Ioctl._IOWR(TYPE, 2, WORD);
    static final int SNDCTL_DSP_STEREO = Ioctl._IOWR(TYPE, 3, WORD);
    static final int SNDCTL_DSP_GETBLKSIZE = Ioctl._IOWR(TYPE, 4, WORD);
    static final int SNDCTL_DSP_SETFMT = Ioctl._IOWR(TYPE, 5, WORD);
    static final int SNDCTL_DSP_CHANNELS = Ioctl._IOWR(TYPE, 6, WORD);
    /** Plays all samples without a wait for more. */
    static final int SNDCTL_DSP_POST = Ioctl._IO(TYPE, 8);
    /** The number of fragments, shifted left by 16, and the binary logarithm of their bytes. */
    static final int SNDCTL_DSP_SETFRAGMENT = Ioctl._IOWR(TYPE, 10, WORD);
    static final int SNDCTL_DSP_GETFMTS = Ioctl._IOR(TYPE, 11, WORD);
    static final int SNDCTL_DSP_GETOSPACE = Ioctl._IOR(TYPE, 12, SIZE);
    static final int SNDCTL_DSP_GETISPACE = Ioctl._IOR(TYPE, 13, SIZE);
    static final int SNDCTL_DSP_NONBLOCK = Ioctl._IO(TYPE, 14);
    static final int SNDCTL_DSP_GETCAPS = Ioctl._IOR(TYPE, 15, WORD);

    /** Asks for the format, and changes nothing. */
    static final int AFMT_QUERY = 0;
    static final int AFMT_U8 = 0x8;
    static final int AFMT_S16_LE = 0x10;

    /** Capability: plays and records at once. */
    static final int DSP_CAP_DUPLEX = 0x100;

    private OssLayout() { }
}
