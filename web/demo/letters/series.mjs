// Sixty-three letters as a city's secretary finds them in the morning: nine kinds, seven of each. Names, numbers and events are made up.
import { paper } from './paper.mjs';

const office = 'Sekretariat Daerah';
const address = 'Jalan Mataram Nomor 1, Pekalongan 51111 - Telepon (0285) 555-0100';
const fiction = 'Surat contoh untuk demonstrasi Jurukunci; nama, nomor, dan isinya rekaan.';
const appearance = { page: 1, x: 312, y: 152, width: 220, height: 72 };
const months = ['Januari', 'Februari', 'Maret', 'April', 'Mei', 'Juni', 'Juli', 'Agustus', 'September', 'Oktober', 'November', 'Desember'];
const weekdays = ['Minggu', 'Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu'];

const said = (date) => `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
const saidWithDay = (date) => `${weekdays[date.getUTCDay()]}, ${said(date)}`;
const after = (date, days) => new Date(date.getTime() + days * 86_400_000);

const people = [
  ['Laras Puspitasari, S.IP.', 'Kepala Bagian Organisasi', 'Pembina'],
  ['Bramantya Adi Wirawan, S.Kom.', 'Kepala Dinas Komunikasi dan Informatika', 'Pembina Tk. I'],
  ['Nur Azizah Rahmadani, A.Md.', 'Arsiparis Terampil', 'Pengatur'],
  ['Hendra Satya Nugraha, S.T.', 'Kepala Bidang Persandian', 'Penata Tk. I'],
  ['Yohanes Tri Pamungkas, S.Kom.', 'Pranata Komputer Ahli Muda', 'Penata'],
  ['Siti Maimunah, S.E.', 'Analis Keuangan', 'Penata Muda'],
  ['Galih Prasetyo Utomo, S.H.', 'Perancang Peraturan Ahli Pertama', 'Penata Muda Tk. I'],
];

const kinds = [
  {
    id: 'undangan',
    kind: 'Undangan',
    code: '005',
    place: true,
    subjects: [
      ['Rapat Evaluasi Penyerapan Anggaran Triwulan IV', 'Bagian Administrasi Pembangunan', 'Ruang Amarta'],
      ['Sosialisasi Klasifikasi Arsip Dinamis', 'Dinas Kearsipan dan Perpustakaan', 'Aula Perpustakaan Kota'],
      ['Rapat Koordinasi Penanganan Banjir Rob', 'Badan Penanggulangan Bencana Daerah', 'Ruang Jetayu'],
      ['Pembahasan Rancangan Peraturan Wali Kota tentang Tata Naskah Dinas', 'Bagian Hukum', 'Ruang Kalijaga'],
      ['Musyawarah Penetapan Lokasi Taman Lingkungan', 'Dinas Perumahan dan Kawasan Permukiman', 'Balai Kelurahan Kauman'],
      ['Persiapan Pekan Batik Nusantara', 'Dinas Pariwisata, Kebudayaan, Kepemudaan dan Olahraga', 'Gedung Museum Batik'],
      ['Rapat Tim Percepatan Penurunan Stunting', 'Dinas Kesehatan', 'Ruang Buketan'],
    ],
    write: ([subject, , room], date, i) => ({
      subject: `Undangan ${subject}`,
      addressee: ['Yth. Kepala Perangkat Daerah terkait', 'di lingkungan Pemerintah Kota Pekalongan', 'di Pekalongan'],
      body: [
        `Dalam rangka ${subject}, dengan hormat kami mengundang Saudara untuk hadir pada kegiatan yang akan diselenggarakan pada:`,
        [
          ['hari, tanggal', saidWithDay(after(date, 5 + i))],
          ['pukul', `${String(8 + (i % 3)).padStart(2, '0')}.30 WIB sampai dengan selesai`],
          ['tempat', room],
          ['acara', subject],
        ],
        'Mengingat pentingnya acara tersebut, Saudara diharapkan hadir tepat waktu dan tidak diwakilkan.',
        'Demikian untuk menjadi perhatian. Atas kehadiran Saudara kami ucapkan terima kasih.',
      ],
    }),
  },
  {
    id: 'surat-tugas',
    kind: 'Surat tugas',
    code: '800.1.11',
    heading: 'SURAT TUGAS',
    place: false,
    subjects: [
      ['Bimbingan Teknis Tanda Tangan Elektronik', 'Bagian Organisasi', 'Semarang'],
      ['Rekonsiliasi Data Kependudukan', 'Dinas Kependudukan dan Pencatatan Sipil', 'Kabupaten Batang'],
      ['Pendampingan Audit Keamanan Informasi', 'Dinas Komunikasi dan Informatika', 'Pekalongan'],
      ['Konsultasi Penyusunan Produk Hukum Daerah', 'Bagian Hukum', 'Jakarta'],
      ['Uji Petik Harga Kebutuhan Pokok', 'Dinas Perdagangan, Koperasi dan UKM', 'Pasar Grogolan'],
      ['Verifikasi Lapangan Penerima Bantuan Sosial', 'Dinas Sosial', 'Kecamatan Pekalongan Utara'],
      ['Pelatihan Petugas Registrasi Sertifikat Elektronik', 'Dinas Komunikasi dan Informatika', 'Yogyakarta'],
    ],
    write: ([subject, sender, town], date, i) => {
      const [name, position, rank] = people[i];
      return {
        subject: `Surat Tugas ${subject}`,
        body: [
          `Dasar: surat Kepala ${sender} tanggal ${said(after(date, -6))} perihal permohonan penugasan.`,
          'Sekretaris Daerah Kota Pekalongan memberi tugas kepada:',
          [
            ['nama', name],
            ['pangkat', rank],
            ['jabatan', position],
          ],
          `Untuk mengikuti ${subject} di ${town} selama ${2 + (i % 3)} hari, mulai ${saidWithDay(after(date, 7))}.`,
          'Setelah melaksanakan tugas agar menyampaikan laporan tertulis paling lambat tiga hari kerja sejak tugas berakhir.',
        ],
      };
    },
  },
  {
    id: 'nota-dinas',
    kind: 'Nota dinas',
    code: '900',
    heading: 'NOTA DINAS',
    invisible: true,
    place: false,
    subjects: [
      ['Laporan Realisasi Belanja Alat Tulis Kantor', 'Bagian Umum'],
      ['Usulan Penghapusan Barang Milik Daerah', 'Badan Pengelola Keuangan dan Aset Daerah'],
      ['Rencana Pemeliharaan Jaringan Pusat Data', 'Dinas Komunikasi dan Informatika'],
      ['Telaah Kerja Sama dengan Perguruan Tinggi', 'Bagian Pemerintahan'],
      ['Kebutuhan Formasi Arsiparis', 'Badan Kepegawaian dan Pengembangan SDM'],
      ['Pemutakhiran Standar Pelayanan', 'Bagian Organisasi'],
      ['Tindak Lanjut Hasil Pemeriksaan Inspektorat', 'Inspektorat'],
    ],
    write: ([subject, sender], date, i) => ({
      subject,
      fields: [
        ['Kepada', `Kepala ${sender}`],
        ['Dari', 'Sekretaris Daerah'],
        ['Tanggal', said(date)],
        ['Sifat', i % 2 ? 'Segera' : 'Biasa'],
        ['Hal', subject, 'F2'],
      ],
      body: [
        `Menindaklanjuti pembahasan bersama ${sender} tanggal ${said(after(date, -4))}, bersama ini disampaikan hal-hal sebagai berikut:`,
        {
          list: [
            `Bahan mengenai ${subject.toLowerCase()} agar dimutakhirkan sesuai keadaan sampai dengan ${said(after(date, -1))}.`,
            `Terdapat ${11 + 4 * i} butir yang masih memerlukan kelengkapan bukti dukung.`,
            `Kelengkapan tersebut disampaikan paling lambat ${said(after(date, 8))} melalui aplikasi persuratan.`,
          ],
        },
        'Demikian untuk dilaksanakan.',
      ],
    }),
  },
  {
    id: 'surat-keterangan',
    kind: 'Surat keterangan',
    code: '400.12',
    heading: 'SURAT KETERANGAN',
    place: false,
    subjects: [
      ['Pengalaman Kerja', 0],
      ['Masa Kerja', 1],
      ['Melaksanakan Tugas', 2],
      ['Tidak Sedang Menjalani Hukuman Disiplin', 3],
      ['Aktif Bekerja', 4],
      ['Pengalaman Kerja', 5],
      ['Telah Menyerahkan Barang Inventaris', 6],
    ].map(([what, who]) => [what, 'Badan Kepegawaian dan Pengembangan SDM', people[who]]),
    write: ([what, , [name, position, rank]], date, i) => ({
      subject: `Surat Keterangan ${what} a.n. ${name.split(',')[0]}`,
      body: [
        'Yang bertanda tangan di bawah ini, Sekretaris Daerah Kota Pekalongan, menerangkan bahwa:',
        [
          ['nama', name],
          ['pangkat', rank],
          ['jabatan', position],
        ],
        `adalah benar pegawai pada Pemerintah Kota Pekalongan sejak ${said(new Date(Date.UTC(2009 + i, i, 1)))}. Surat ini dibuat sebagai keterangan ${what.toLowerCase()} bagi yang bersangkutan.`,
        'Demikian surat keterangan ini dibuat untuk dipergunakan sebagaimana mestinya.',
      ],
    }),
  },
  {
    id: 'rekomendasi',
    kind: 'Rekomendasi',
    code: '070',
    heading: 'REKOMENDASI PENELITIAN',
    place: false,
    subjects: [
      'Adopsi Tanda Tangan Elektronik di Kelurahan',
      'Pengelolaan Limbah Cair Batik',
      'Ketahanan Pesisir terhadap Banjir Rob',
      'Literasi Digital Perajin Batik',
      'Kinerja Pelayanan Terpadu Satu Pintu',
      'Tata Kelola Arsip Vital',
      'Pola Perjalanan Pelajar Sekolah Menengah',
    ].map((topic) => [topic, 'Badan Kesatuan Bangsa dan Politik']),
    write: ([topic], date, i) => ({
      subject: `Rekomendasi Penelitian: ${topic}`,
      body: [
        `Memperhatikan surat permohonan izin penelitian tanggal ${said(after(date, -9))}, diberikan rekomendasi kepada:`,
        [
          [
            'nama',
            ['Dimas Arya Saputra', 'Intan Kusumaningrum', 'Farhan Maulana', 'Rahayu Wulandari', 'Kevin Adhiguna', 'Salsabila Putri', 'Wisnu Handoko'][
              i
            ],
          ],
          ['lembaga', i % 2 ? 'Universitas Pesisir Utara' : 'Institut Teknologi Pantura'],
          ['judul', topic],
        ],
        `untuk melaksanakan penelitian di wilayah Kota Pekalongan mulai ${said(after(date, 10))} sampai dengan ${said(after(date, 70 + i))}.`,
        'Peneliti wajib menyerahkan salinan hasil penelitian paling lambat satu bulan setelah selesai.',
      ],
    }),
  },
  {
    id: 'surat-edaran',
    kind: 'Surat edaran',
    code: '000.8',
    heading: 'SURAT EDARAN',
    place: false,
    subjects: [
      ['Penggunaan Tanda Tangan Elektronik pada Naskah Dinas', 'Bagian Organisasi'],
      ['Jam Kerja pada Hari Libur Bersama', 'Badan Kepegawaian dan Pengembangan SDM'],
      ['Penghematan Listrik dan Air di Gedung Pemerintah', 'Bagian Umum'],
      ['Kewaspadaan terhadap Penipuan Mengatasnamakan Pejabat', 'Dinas Komunikasi dan Informatika'],
      ['Pakaian Dinas pada Hari Batik', 'Bagian Organisasi'],
      ['Penyimpanan Token dan Kerahasiaan Passphrase', 'Dinas Komunikasi dan Informatika'],
      ['Pengurangan Sampah Plastik pada Kegiatan Rapat', 'Dinas Lingkungan Hidup'],
    ],
    write: ([subject], date, i) => ({
      subject: `Surat Edaran tentang ${subject}`,
      heading: ['TENTANG', subject.toUpperCase()],
      body: [
        `Dalam rangka tertib penyelenggaraan pemerintahan, dengan ini disampaikan kepada seluruh Kepala Perangkat Daerah mengenai ${subject.toLowerCase()} sebagai berikut:`,
        {
          list: [
            'Kepala Perangkat Daerah menyebarluaskan edaran ini kepada seluruh pegawai di unit kerjanya.',
            `Pelaksanaannya dipantau setiap ${['pekan', 'bulan', 'triwulan'][i % 3]} oleh pejabat yang ditunjuk.`,
            'Hal yang belum jelas ditanyakan kepada unit penyusun edaran ini pada jam kerja.',
            `Edaran ini berlaku mulai ${said(after(date, 3))}.`,
          ],
        },
        'Demikian untuk dilaksanakan dengan penuh tanggung jawab.',
      ],
    }),
  },
  {
    id: 'surat-pengantar',
    kind: 'Surat pengantar',
    code: '045.2',
    heading: 'SURAT PENGANTAR',
    place: false,
    subjects: [
      ['Laporan Kinerja Instansi Pemerintah', 'Bagian Organisasi'],
      ['Dokumen Pelaksanaan Anggaran Perubahan', 'Badan Pengelola Keuangan dan Aset Daerah'],
      ['Daftar Arsip Usul Musnah', 'Dinas Kearsipan dan Perpustakaan'],
      ['Berkas Kenaikan Pangkat Periode Februari', 'Badan Kepegawaian dan Pengembangan SDM'],
      ['Salinan Keputusan Wali Kota', 'Bagian Hukum'],
      ['Data Pemilih Pemula', 'Dinas Kependudukan dan Pencatatan Sipil'],
      ['Proposal Bantuan Keuangan Provinsi', 'Bagian Administrasi Pembangunan'],
    ],
    write: ([subject, sender], date, i) => ({
      subject: `Pengantar ${subject}`,
      addressee: [`Yth. ${['Gubernur Jawa Tengah', 'Kepala BPKAD Provinsi Jawa Tengah', 'Kepala Arsip Daerah Provinsi'][i % 3]}`, 'di Semarang'],
      body: [
        'Bersama ini disampaikan dengan hormat:',
        [
          ['berkas', subject],
          ['jumlah', `${1 + i} (${['satu', 'dua', 'tiga', 'empat', 'lima', 'enam', 'tujuh'][i]}) berkas`],
          ['penyusun', sender],
        ],
        'Berkas dikirim untuk diproses lebih lanjut sesuai ketentuan. Mohon tanda terima disampaikan kembali melalui aplikasi persuratan.',
      ],
    }),
  },
  {
    id: 'surat-izin-cuti',
    kind: 'Surat izin cuti',
    code: '800.1.12',
    heading: 'SURAT IZIN CUTI TAHUNAN',
    place: false,
    subjects: people.map((one) => [one, 'Badan Kepegawaian dan Pengembangan SDM']),
    write: ([[name, position, rank]], date, i) => ({
      subject: `Izin Cuti Tahunan a.n. ${name.split(',')[0]}`,
      body: [
        'Diberikan izin cuti tahunan kepada pegawai:',
        [
          ['nama', name],
          ['pangkat', rank],
          ['jabatan', position],
        ],
        `selama ${2 + (i % 4)} hari kerja, terhitung mulai ${saidWithDay(after(date, 12 + i))}, dengan ketentuan:`,
        {
          list: [
            'Sebelum menjalankan cuti wajib menyerahkan pekerjaannya kepada atasan langsung.',
            'Setelah menjalankan cuti wajib melaporkan diri dan bekerja kembali sebagaimana biasa.',
          ],
        },
      ],
    }),
  },
  {
    id: 'permohonan',
    kind: 'Surat permohonan',
    code: '500',
    place: true,
    subjects: [
      ['Permohonan Narasumber Literasi Digital', 'Dinas Komunikasi dan Informatika'],
      ['Permohonan Data Curah Hujan', 'Badan Penanggulangan Bencana Daerah'],
      ['Permohonan Pinjam Pakai Gedung Pertemuan', 'Dinas Pendidikan'],
      ['Permohonan Penerbitan Sertifikat Elektronik', 'Bagian Organisasi'],
      ['Permohonan Pendampingan Penyusunan Peta Risiko', 'Inspektorat'],
      ['Permohonan Rekomendasi Pengadaan Kendaraan', 'Bagian Umum'],
      ['Permohonan Perpanjangan Kerja Sama Layanan', 'Dinas Kesehatan'],
    ],
    write: ([subject, sender], date, i) => ({
      subject,
      addressee: [`Yth. Kepala ${['Balai Besar Sertifikasi', 'Stasiun Meteorologi', 'Biro Umum Provinsi'][i % 3]}`, 'di tempat'],
      body: [
        `Sehubungan dengan program kerja ${sender} tahun ${date.getUTCFullYear()}, dengan ini kami mengajukan ${subject.toLowerCase()}.`,
        `Kebutuhan tersebut diharapkan dapat dipenuhi sebelum ${said(after(date, 20 + i))}. Untuk koordinasi, Saudara dapat menghubungi ${people[i][0]} pada jam kerja.`,
        'Demikian permohonan ini. Atas perhatian dan kerja sama Saudara kami ucapkan terima kasih.',
      ],
    }),
  },
];

const signer = { above: ['a.n. WALI KOTA PEKALONGAN', 'Sekretaris Daerah,'], below: ['Jana Kusuma, S.STP., M.Si.', 'Pembina Utama Muda'] };

function letterOf({ id, kind, code, heading, place, invisible, subjects, write }, i, order) {
  const date = new Date(Date.UTC(2026, 10, 20 - (order % 19)));
  const number = `${code}/${String(231 + order * 7).padStart(4, '0')}/2026`;
  const [, sender] = subjects[i];
  const { subject, heading: more = [], fields, addressee, body } = write(subjects[i], date, i);
  const letter = {
    id: `${id}-${i + 1}`,
    kind,
    title: subject,
    number,
    sender,
    date: date.toISOString().slice(0, 10),
    ...(invisible ? {} : { appearance }),
  };
  const sheet = () =>
    paper({
      title: subject,
      office,
      address,
      fiction,
      signer,
      body,
      addressee,
      ...(place && { place: `Pekalongan, ${said(date)}` }),
      heading: heading ? [heading, `Nomor ${number}`, ...more] : [],
      fields:
        fields ??
        (heading
          ? []
          : [
              ['Nomor', number],
              ['Sifat', 'Biasa'],
              ['Lampiran', '-'],
              ['Hal', subject, 'F2'],
            ]),
    });
  return { letter, sheet };
}

/** Mixed as they come in, not sorted by kind; each with its bytes. */
export function series() {
  const all = Array.from({ length: 7 }, (_, i) => kinds.map((kind, k) => letterOf(kind, i, i * kinds.length + k))).flat();
  return all.map(({ letter, sheet }) => {
    const { bytes, pages } = sheet();
    return { letter: { ...letter, pages, ...(letter.appearance && { appearance: { ...letter.appearance, page: pages } }) }, bytes };
  });
}
