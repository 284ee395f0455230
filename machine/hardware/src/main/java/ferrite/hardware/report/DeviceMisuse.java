package ferrite.hardware.report;

/**
 * A use of a device that its data sheet forbids, as its model sees it.
 *
 * @param device  the device's name in the machine
 * @param base    the first physical address of its registers
 * @param mistake the mistake, as a clause: {@code ROLL is written while BUSY is set}
 * @param instead the remedy, as a clause: {@code wait for DONE}
 */
public record DeviceMisuse(String device, long base, String mistake, String instead) {

    /** The rule's name. */
    public static final String RULE = "device-misuse";

    /** Returns the sentence without its end. */
    public String summary() {
        return device + ": " + mistake;
    }

    /** Completes the violation with the hardware's knowledge alone, for a machine whose software is not known. */
    public Violation alone(Violation.Moment when) {
        Violation.Builder violation = new Violation.Builder(RULE, summary());
        violation.facts().text("device", device);
        return violation.line("instead", instead).build(RULE + ": " + summary(), when);
    }
}
