/**
 * The network (LDD3 chapter 17): socket buffers, network devices and their drivers' side, and as much of the Internet
 * Protocol as {@code ping} needs. Its state is a record that exists once a driver has allocated a network device.
 */
package ferrite.kernel.net;
