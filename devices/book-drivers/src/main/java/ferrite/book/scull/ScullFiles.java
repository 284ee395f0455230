package ferrite.book.scull;

import ferrite.book.quanta.QuantumFiles;

/** The operations of {@code /dev/scull0} and its kin: those of all quanta, and ioctl. */
class ScullFiles extends QuantumFiles {

    private final ScullIoctl commands;

    ScullFiles(ScullDriver driver) {
        super(driver);
        this.commands = new ScullIoctl(driver);
    }

    @Override
    public int ioctl(long file, int command, long argument) {
        return commands.ioctl(command, argument);
    }
}
