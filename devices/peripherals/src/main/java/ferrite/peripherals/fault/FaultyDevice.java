package ferrite.peripherals.fault;

import static ferrite.peripherals.fault.FaultKind.ERROR;
import static ferrite.peripherals.fault.FaultKind.LOST;
import static ferrite.peripherals.fault.FaultKind.OVERRUN;
import static ferrite.peripherals.fault.FaultKind.REMOVED;
import static ferrite.peripherals.fault.FaultKind.SHORT;
import static ferrite.peripherals.fault.FaultKind.SLOW;
import static ferrite.peripherals.fault.FaultKind.SPURIOUS;
import static ferrite.peripherals.fault.FaultKind.WRONG;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The devices that have faults, each with its kinds of them. */
public enum FaultyDevice {

    /** All drives together. The DMA controller counts the bytes, so no transfer passes the end of its buffer. */
    DISK("disk", "--disk", "disk", ERROR, SHORT, LOST, SPURIOUS, SLOW, WRONG, REMOVED),
    /** The copy engine's chains. */
    COPIER("copier", "", "copier", FaultKind.values()),
    /** The requests of one virtio disk. */
    VIRTIO_DISK("vda, vdb, ...", "--virtio-disk", "vd[a-z]", FaultKind.values()),
    /** The frames that the network card sends and receives. */
    NETWORK("eth0", "--net", "eth0", FaultKind.values()),
    /** The blocks of each of the sound card's channels, which are counted apart. */
    SOUND("sound", "--sound", "sound", LOST, SPURIOUS, SLOW, WRONG, REMOVED),
    /** The bytes that the serial line receives. */
    UART("uart", "", "uart", ERROR, LOST, SPURIOUS, SLOW, WRONG, OVERRUN, REMOVED),
    /** The requests of the virtio entropy device. */
    ENTROPY("hwrng", "--virtio entropy", "hwrng", ERROR, SHORT, LOST, SPURIOUS, SLOW, OVERRUN, REMOVED),
    /** The bytes that the virtio console receives. */
    CONSOLE("hvc0", "--virtio console", "hvc0", ERROR, SHORT, LOST, SPURIOUS, SLOW, WRONG, OVERRUN, REMOVED),
    /** The alarms of the real-time clock. */
    RTC("rtc0", "--rtc", "rtc0", LOST, SPURIOUS, SLOW, REMOVED);

    private final String word;
    private final String option;
    private final String pattern;
    private final List<FaultKind> kinds;

    FaultyDevice(String word, String option, String pattern, FaultKind... kinds) {
        this.word = word;
        this.option = option;
        this.pattern = pattern;
        this.kinds = List.of(kinds);
    }

    /** Returns the option that adds the device; empty if each board has it. */
    public String option() {
        return option;
    }

    /** Returns the names of all devices with faults, for a person. */
    public static String words() {
        return Arrays.stream(values()).map(device -> device.word).collect(Collectors.joining(", "));
    }

    /**
     * Returns the device of a fault.
     *
     * @throws IllegalArgumentException with a sentence, if there is none, or if it has no faults of this kind
     */
    public static FaultyDevice of(Fault fault) {
        FaultyDevice device = Arrays.stream(values()).filter(each -> fault.device().matches(each.pattern)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(fault.device() + " has no faults; there is "
                        + words()));
        if (!device.kinds.contains(fault.kind())) {
            throw new IllegalArgumentException(fault.device() + " has no fault '" + Fault.word(fault.kind())
                    + "'; it has " + device.kinds.stream().map(Fault::word).collect(Collectors.joining(", ")));
        }
        return device;
    }
}
